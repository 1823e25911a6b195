# SPDX-License-Identifier: MIT
# gnuplot -e "dir='FOLDER'; out='FOLDER'" ratios.gp: draws ratios.dat of main.mjs.
set terminal svg size 900,400 dynamic font 'sans-serif,13' background '#ffffff' noenhanced
set output out.'/text_peers.svg'
set datafile separator '\t'
set title 'How many times as long, or as large, as this library'
set logscale x
set xrange [0.3:3000]
set xtics ('1/2' 0.5, '1' 1, '10' 10, '100' 100, '1,000' 1000)
unset mxtics
set offsets 0, 0, 0.5, 0.5
set yrange [*:*] reverse
set border 1
set tics nomirror
set ytics scale 0
set grid x lc rgb '#dddddd' lt 1
set key outside right top samplen 1
set arrow from 1, graph 0 to 1, graph 1 nohead lc rgb '#0b6e4f' lw 2
array colour[5] = ['#1f6fb4', '#d9601a', '#c0392b', '#2a8a3e', '#7d3c98']
array shape[5] = [7, 5, 9, 13, 11]
plot for [i = 1:5] dir.'/ratios.dat' using (column(i + 1)):0:ytic(1) with points \
    pt shape[i] ps 1.1 lc rgb colour[i] title columnheader(i + 1)
