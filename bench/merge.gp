# SPDX-License-Identifier: MIT
# gnuplot -e "dir='FOLDER'" merge.gp: draws the data files of bench/merge as one picture.
set terminal svg size 1400,1000 dynamic font 'sans-serif,12' background '#ffffff' noenhanced
set output dir.'/merge.svg'
set multiplot layout 4,4 spacing 0.07,0.08
set logscale xy
set format '%g'
set ylabel 'ns'
set key top left samplen 1.5 font ',10'
unset mxtics
unset mytics
set xtics 1000
set ytics 1000
set yrange [1:1e8]
set style line 1 lc rgb '#0b6e4f' lw 2 pt 7 ps 0.5
set style line 2 lc rgb '#777777' lw 2 dt 2 pt 6 ps 0.5
set style line 3 lc rgb '#c0392b' lw 1 pt 4 ps 0.5
set border 3
set tics nomirror
do for [case in "gcounter_same_keys gcounter_absorbed gcounter_half_overlap pncounter_same_keys gcounter_names_known_peer gcounter_names_new_peer gcounter_increment gcounter_read gset_equal gset_disjoint awset_equal awset_disjoint_halves awset_insert awset_erase awset_delta_of_10 ormap_delta_of_10"] {
    set title case
    plot dir.'/'.case.'.dat' using 1:2 with lines ls 1 title 'this library', \
         '' using 1:3 with lines ls 2 title 'limit', \
         '' using 1:4 with lines ls 3 title 'std containers'
    unset key
}
unset multiplot
