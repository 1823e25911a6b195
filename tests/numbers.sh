#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# numbers.sh PROGRAM...: checks that each program accepts only canonical decimal numbers in range on its command line.
# For another word it ends with an error that names the word. The table has every number in --help, and more.
set -euo pipefail

fail() { echo "FAILED: $*" >&2; exit 1; }

random() { echo $((1 + RANDOM % 9))$RANDOM; }
# Prints words that are not numbers but look like one: fixed words, and variants of a random number.
bad_words() {
    local n
    n=$(random)
    printf '%s\n' '' 010 0x10 0b11 +5 ' 5' '5 ' 5x 5. .5 1e3 1_000 "1'000" 5,0 -0 -x nan inf many ٣ \
        18446744073709551616 12345678901234567890123 -9223372036854775809 \
        "0$n" "00$n" "0x$n" "0X$n" "0b$n" "0o$n" "+$n" "$n " "$n-" "--$n" "${n}n5" "${n}e1" "$n $n" "-0$n"
}

refuses() {  # COMMAND...: ends by itself with an error, and a message
    local code=0 said
    said=$(timeout 10 "$@" 2>&1 </dev/null) || code=$?
    ((code != 0 && code != 124)) || fail "exit code $code: $(printf '%q ' "$@")"
    [ -n "$said" ] || fail "no error message: $(printf '%q ' "$@")"
}

# With --help a program does nothing but check its words.
takes() { "$@" --help >/dev/null || fail "a good number is refused: $(printf '%q ' "$@")"; }

# Prints the options of a program or its subcommand that take a number according to --help.
numbers_in_help() {
    "$@" --help | sed -En 's/^  (-[a-z],)?(--)?([a-z-]+) (INT|UINT|FLOAT).*/\2\3/p' | sort | xargs
}

# Each row has PROGRAM, SUBCOMMAND or -, and the options with a number. After a bar it has the words before the last
# positional argument, and options with numbers inside other words.
table='counterd - --client-port --expire-after --forget-after --interval --metrics-port --rate-limit --wait |
counterctl add --ack --retries delta | add f
counterctl batch --ack --retries |
counterctl reset --retries |
counterctl delete --retries |
counterctl bench --ack --counters --outstanding --seconds |
counterctl transfer --retries amount | transfer f n2
counterctl - --timeout |
gcounter_node - --ack-delay --degree --interval |
gset_node - --ack-delay --degree --interval |
cluster test --latency --nemesis-interval --node-count --quiesce --rate --seed --time-limit --timeout |
load - --ack --clients --count --names --outstanding --rate --replicas --seconds |'

check() {  # PROGRAM
    local program=$1 name sub numbers word before option
    name=$(basename "$program")
    while read -r word sub numbers; do
        [ "$word" = "$name" ] || continue
        before=${numbers#*|} numbers=${numbers%|*}
        local command=("$program")
        [ "$sub" = - ] || command+=("$sub")
        numbers=$(echo "$numbers" | xargs)
        [ "$numbers" = "$(numbers_in_help "${command[@]}")" ] ||
            fail "$name $sub has numbers that this test does not list: $(numbers_in_help "${command[@]}")"
        for option in $numbers; do
            case $option in
                --*) takes "${command[@]}" "$option=5" ;;
                *) # shellcheck disable=SC2086
                    takes "$program" $before 5 ;;
            esac
            while IFS= read -r word; do
                case $option in
                    --*) refuses "${command[@]}" "$option=$word" --help ;;
                    *) [[ $word != -[!0-9]* ]] || continue  # taken for an option
                        # shellcheck disable=SC2086
                        refuses "$program" $before "$word" --help ;;
                esac
            done < <(bad_words)
        done
        checked=$((checked + 1))
    done <<<"$table"
    # Numbers inside words, and numbers of programs without options.
    while IFS= read -r word; do
        case $name in
            counterctl) refuses "$program" batch f "$word" --help ;;
            cluster)
                for option in --concurrency --availability; do
                    refuses "$program" test -w echo --bin /bin/true --rate 0.001 $option "$word"
                done ;;
            simulate)
                refuses "$program" "$word"
                refuses "$program" 1 "$word"
                refuses "$program" show "$word" ;;
            notepad | shared_list)
                refuses "$program" "$word" 20001
                refuses "$program" 20001 "$word" ;;
            notes)
                [ -e "$work/notes" ] || "$program" "$work/notes" add note
                refuses "$program" "$work/notes" remove "$word" ;;
        esac
    done < <(bad_words)
}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
checked=0
for program in "$@"; do check "$(realpath "$program")"; done
[ $checked -gt 0 ] || fail 'no program was checked'
