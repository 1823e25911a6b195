# SPDX-License-Identifier: MIT
"""Does the text of the project use its words? vocabulary.py ROOT

Prints each old name and each word for people in text about machines: FILE:LINE, the word, and what
to write. A word is found in prose and in parts of an identifier, such as `forget` in `forget_all`.
"""
import os
import re
import sys

# What to write, and the words that it replaces. Each word has one meaning here, so common English
# is not in the table.
NAMES = {
    'Antichain': 'Maximals',
    'TotalOrder': 'ChainOf chain_of',
    'collapsed_into': 'gathered',
    'is_empty': 'is_clear',
    'reset_leaves_context_only': 'is_oblivious',
    'bulk_merge, bulk_leq, packed_traits': 'merge_rows rows_leq RowOfNumbers NumbersOf',
    'may_share_keys': 'look_alike',
    'in_conflict': 'conflicting',
    '(min)(), (max)()': r'least(?=\() greatest(?=\()',
    'prefetch': 'foresee',
    'rebalance': 'unite_small',
    'DotIntervalMap, IntervalMap, Interval':
        'DotRanges dot_ranges DotRuns NumberRuns NumberRange OneReplica',
    'DotTuple': 'DotProduct',
    'missing_at': 'unknown_to',
    'added, removed': 'born dying',
    'SendProgress': 'Outbound',
    'SyncRequest, ResyncStrategy, PartialState': 'Question Questions Offer',
    'Cursor': 'Standing',
    'digest request, requests_digest': 'take_wish wants_digest',
    'begin_transfer, is_catching_up': 'bring_up is_being_brought_up',
    'resync_hold_until': '(?<!resync_)hold_until',
    'expedite': 'hasten',
    'timeout': 'patience',
    'is_well_formed': 'is_possible',
    'become_unknown, reset': 'lose_track',
    'is_lossless': 'says_all',
    'cost, SizeInBytes': 'weigh weighed ByBytes',
    'merge_local': 'on_local',
    'departed, surviving': 'heir heirs',
    'difference, missing': 'lacking differing',
    'Serializer, serialize, deserialize': 'HasForm write_form read_form',
    'begin_tuple, begin_seq, begin_struct, begin_variant':
        'begin_components begin_list begin_members begin_side',
    'expect_eof': 'expect_end',
    'HasTypeName': 'Documented',
    'NetworkOptions': 'Weather',
    'StateChecker, CounterStore': 'Ledger',
    'Packet': 'Parcel',
    'warn_throttled': 'complain',
    'heartbeat': 'hear_hello',
    'PendingRequests, Pending': 'WaitingRoom Visitor',
    'unknown sender': 'stranger strangers',
    'poll, settle_poll': 'attend glance',
}
# Machines are not people.
PROSE = {
    'with, of, that has': 'whose whom',
    'has received, has, determines': 'know knows knew learn learns learned',
    'stores, keeps': 'remember remembers remembered',
    'drops, erases': 'forget forgets forgot forgotten',
    'assumes, expects': 'believe believes wish wishes',
    'receives': 'hear hears heard',
    'sends, has, prints': 'says tells told speaks',
    'requests': 'asks',
    'exists, stops, removed': 'lives alive dies died dead',
}

# What is right all the same: the phrase, the files (the start of their names), and the reason.
ALLOWED = [
    ('wants_digest', 'docs/reference/wire.md', 'a member of the JSON form'),
    ('"wants_digest"', 'include/crdt/replication/message_serializer.hpp', 'a member of the JSON form'),
    ('wants_digest', 'tests/codec/json.cpp', 'a member of the JSON form'),
    ('--forget-after', '', 'an option of counterd, which users have in their configuration'),
    ('forget_after', 'examples/counterd/', 'the value of the option'),
    ('If you know', 'docs/', 'of the reader'),
]

FOLDERS = ['bench', 'cmake', 'docs', 'examples', 'include', 'packaging', 'tests', 'tools']
# Bytes of the wire, and pictures. This file has all words.
SKIPPED = re.compile(r'tests/(golden|fuzz/corpus)/|\.(svg|png|dat|gz)$|tests/vocabulary\.py$|node_modules/')


def files(root):
    yield from (name for name in os.listdir(root) if name == 'dev' or name.endswith('.md'))
    for folder in FOLDERS:
        for path, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = [name for name in folders if name not in ('__pycache__', 'node_modules')]
            for name in names:
                yield os.path.relpath(os.path.join(path, name), root)


def pattern_of(words):
    # Beside a word stands no letter or digit. `_` may, so parts of identifiers are found.
    return re.compile(r'(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9])' % '|'.join(words))


ADVICE = {word: use for table in (NAMES, PROSE) for use, words in table.items() for word in words.split()}
ANY = pattern_of(ADVICE)


def advice(line, place):
    return next(use for word, use in ADVICE.items() if pattern_of([word]).match(line, place))


def main(root):
    used = set()
    failures = []
    for file in files(root):
        if SKIPPED.search(file):
            continue
        with open(os.path.join(root, file), encoding='utf-8', errors='replace') as opened:
            lines = opened.read().split('\n')
        for number, line in enumerate(lines, 1):
            if not ANY.search(line):
                continue
            for row, (phrase, where, _) in enumerate(ALLOWED):
                if file.startswith(where) and phrase in line:
                    used.add(row)
                    line = line.replace(phrase, '')
            for found in ANY.finditer(line):
                failures.append(f'{file}:{number}: "{found.group()}": write {advice(line, found.start())}')
    for row, (phrase, where, _) in enumerate(ALLOWED):
        if row not in used:
            failures.append(f'tests/vocabulary.py: "{phrase}" is allowed in {where}*, but not there')
    print('\n'.join(failures) or 'no old words')
    return 1 if failures else 0


sys.exit(main(sys.argv[1]))
