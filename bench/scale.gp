# Draws DIR/scale.dat of bench/scale DIR: gnuplot -e "dir='DIR'" bench/scale.gp
data = dir.'/scale.dat'
set terminal svg size 1200,460 background 'white' font 'sans-serif,13'
set output dir.'/scale.svg'
set multiplot layout 1,2

blue = '#1f6fb4'; green = '#2a8a3e'; orange = '#d9601a'; grey = '#777777'
set style line 1 lc rgb blue lw 2 pt 7 ps 0.7
set style line 2 lc rgb green lw 2 pt 5 ps 0.7
set style line 3 lc rgb orange lw 1.5 dt (12,6)
set style line 4 lc rgb grey lw 1.5 dt (4,4)

set logscale x
set xrange [2.5:12000]
set xtics ('3' 3, '10' 10, '30' 30, '100' 100, '300' 300, '1k' 1000, '3k' 3000, '10k' 10000)
set xlabel 'nodes'
set grid lc rgb '#dddddd' lt 1
set border 3 lc rgb '#444444'
set tics nomirror
set key top left reverse Left samplen 2.5

set title 'Rounds until an update has reached all replicas'
set yrange [0:16]
plot data index 0 using 1:6 with lines ls 3 title 'predicted: push-pull, complete graph', \
     data index 0 using 1:7 with lines ls 4 title 'predicted: push to 4, complete graph', \
     data index 1 using 1:4 with linespoints ls 2 title 'tree of arity 4', \
     data index 0 using 1:4 with linespoints ls 1 title 'random overlay of degree 4'

set title 'Sent by a node per second (10 updates per second in all)'
set yrange [0:8]
set y2range [0:800]
set ytics nomirror
set y2tics 100
set border 11
set ylabel 'messages (solid)'
set y2label 'bytes (dashed)'
plot data index 0 using 1:8 with linespoints ls 1 title 'random overlay: messages', \
     data index 0 using 1:9 axes x1y2 with linespoints ls 1 dt (6,5) pt 6 title 'bytes', \
     data index 1 using 1:8 with linespoints ls 2 title 'tree: messages', \
     data index 1 using 1:9 axes x1y2 with linespoints ls 2 dt (6,5) pt 4 title 'bytes'
unset multiplot
