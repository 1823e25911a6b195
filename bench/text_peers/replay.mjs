// SPDX-License-Identifier: MIT
// replay.mjs PEER: a process that replays the traces in one peer. A message names a case; the reply
// is its result {ms, value, count} or {error}. Every text is compared with what the trace ends with.
import {updatesOf} from './graph.mjs';
import {peers} from './peers.mjs';
import {concurrent, sequential, textAfter} from './traces.mjs';

const {open, prefix} = peers[process.argv[2]];
const peer = open();

/** The milliseconds that `run` takes: of the clock or of all threads' CPU time, whichever is less. */
function time(run) {
    const [cpu, clock] = [process.cpuUsage(), performance.now()];
    const result = run();
    const [{user, system}, elapsed] = [process.cpuUsage(cpu), performance.now() - clock];
    return {ms: Math.min(elapsed, (user + system) / 1000), result};
}
function check(replica, expected) {
    const text = peer.text(replica);
    if (text !== expected)
        throw new Error(`ends with another text${text.length === expected.length ? ' of the same length' : ''}`);
}
/** A value that is made when it is first used, and kept. */
function lazy(make) {
    let value;
    return (...key) => (value ??= new Map()).get(String(key)) ?? (value.set(String(key), make(...key)), value.get(String(key)));
}

const paper = lazy(() => sequential('automerge-paper'));
/** The first edits of the paper, as many as a case of this peer replays, and the text after them. */
const part = lazy(name => {
    const {edits, end} = paper();
    const count = prefix?.[name] ?? edits.length;
    return count === edits.length ? {edits, end} : {edits: edits.slice(0, count), end: textAfter(edits.slice(0, count))};
});
const written = lazy(() => {
    const replica = peer.create();
    for (const each of paper().edits) peer.edit(replica, [each]);
    check(replica, paper().end);
    return replica;
});
const updates = lazy(name => {
    const replica = peer.create();
    return part(name).edits.map(each => peer.update(replica, [each]));
});
const graph = lazy(name => {
    const {transactions, end} = concurrent(name);
    return {updates: updatesOf(peer, transactions), end};
});

function applied(name, trace) {
    const {updates, end} = graph(trace);
    const count = prefix?.[name] ?? updates.length;
    const replica = peer.create();
    const {ms} = time(() => {
        for (let i = 0; i < count; ++i) peer.apply(replica, updates[i]);
    });
    if (count < updates.length) peer.applyAll(replica, updates.slice(count));
    check(replica, end);
    return {ms, count};
}
const cases = {
    local() {
        const {edits, end} = part('local');
        const {ms, result} = time(() => {
            const replica = peer.create();
            for (const each of edits) peer.edit(replica, [each]);
            return replica;
        });
        check(result, end);
        return {ms, count: edits.length};
    },
    updates() {
        const {edits, end} = part('updates');
        let bytes = 0;
        const {ms, result} = time(() => {
            const replica = peer.create();
            for (const each of edits) bytes += peer.update(replica, [each]).length;
            return replica;
        });
        check(result, end);
        return {ms, count: edits.length, value: bytes / edits.length};
    },
    remote() {
        const {end} = part('remote');
        const received = updates('remote');
        const {ms, result} = time(() => {
            const replica = peer.create();
            for (const bytes of received) peer.apply(replica, bytes);
            return replica;
        });
        check(result, end);
        return {ms, count: received.length};
    },
    friendsforever: () => applied('friendsforever', 'friendsforever'),
    'git-makefile': () => applied('git-makefile', 'git-makefile-raw'),
    'removed key': () => ({value: peer.removedKey?.() ?? 'no maps'}),
};
/** Loading ends when a character is inserted in the middle. The least of five times, because code is compiled late. */
for (const [name, history, save, load] of peer.formats) {
    cases[`document ${name}`] = () => {
        const {end} = paper();
        const bytes = save(written());
        const middle = end.length >> 1;
        const times = [1, 2, 3, 4, 5].map(() => {
            const {ms, result} = time(() => {
                const replica = load(bytes);
                peer.edit(replica, [[middle, 0, 'x']]);
                return replica;
            });
            check(result, `${end.slice(0, middle)}x${end.slice(middle)}`);
            return ms;
        });
        return {ms: Math.min(...times), value: bytes.length, format: name, history};
    };
}

process.on('message', name => {
    let reply;
    try {
        reply = cases[name]();
    } catch (error) {
        reply = {error: String(error.message ?? error)};
    }
    process.send(reply);
});
process.send(Object.keys(cases));
