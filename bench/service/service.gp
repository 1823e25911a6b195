# SPDX-License-Identifier: MIT
# gnuplot -e "dir='IN'; out='OUT'" service.gp: draws the throughput and latency of all contenders, from IN/speed.dat.
data = dir.'/speed.dat'
set datafile separator '\t'
stats data using 2 nooutput
rows = STATS_records
set terminal svg size 1100,140 + 22 * rows dynamic font 'sans-serif,12' background '#ffffff'
set output out.'/service.svg'
set multiplot layout 1,2 margins 0.36,0.98,0.06,0.95 spacing 0.03
set yrange [-0.7:rows - 0.3]
set grid xtics lc rgb '#dddddd'
set border 3 lc rgb '#444444'
set tics nomirror
set style fill solid 0.85 noborder
colour(name) = strstrt(name, 'counterd') ? 0x0b6e4f : strstrt(name, 'Redis') ? 0xc0392b : 0x1f6fb4
unset key

set title 'adds per second (thousands)'
set logscale x
set xrange [1:4000]
plot data using ($2/1000):0:(1):($2/1000):($0-0.38):($0+0.38):(colour(strcol(1))):ytic(1) with boxxyerror lc rgb variable

set title 'p99 in the same run (ms)'
unset ytics
set xrange [0.1:*]
plot data using ($3/1000):0:(colour(strcol(1))) with points pt 7 ps 0.8 lc rgb variable
unset multiplot
