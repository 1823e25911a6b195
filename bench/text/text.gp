# SPDX-License-Identifier: MIT
# gnuplot -e "dir='FOLDER'; out='FOLDER'" text.gp: draws text.dat of page.sh.
set terminal svg size 900,400 dynamic font 'sans-serif,13' background '#ffffff' noenhanced
set output out.'/text.svg'
set datafile separator '\t'
set title 'Time, in multiples of the local edits of the rope'
set logscale x
set xrange [0.01:100]
set xtics ('1/100' 0.01, '1/10' 0.1, '1' 1, '10' 10, '100' 100)
unset mxtics
set offsets 0, 0, 0.5, 0.5
set yrange [*:*] reverse
set border 1
set tics nomirror
set ytics scale 0
set grid x lc rgb '#dddddd' lt 1
set key outside right top samplen 1
set arrow from 1, graph 0 to 1, graph 1 nohead lc rgb '#777777' lw 2
array colour[6] = ['#1f6fb4', '#d9601a', '#2a8a3e', '#8e44ad', '#777777', '#c0392b']
array shape[6] = [7, 5, 9, 13, 11, 15]
plot for [i = 1:6] dir.'/text.dat' using (column(i + 1)):0:ytic(1) with points \
    pt shape[i] ps 1.1 lc rgb colour[i] title columnheader(i + 1)
