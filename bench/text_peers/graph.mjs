// SPDX-License-Identifier: MIT
// Makes the updates of a concurrent trace.

/** Returns the update of each transaction. Each is made by a replica that has its ancestors and nothing else. */
export function updatesOf(peer, transactions) {
    if (peer.graph) return peer.graph(transactions);
    const updates = [];
    const numbered = new Map();  // "writer number" -> index
    const isWithin = (known, limit) => [...known].every(([writer, count]) => count <= (limit.get(writer) ?? 0));
    let replicas = [];
    for (const {writer, number, known, edits} of transactions) {
        const able = replicas.filter(replica => isWithin(replica.known, known));
        const size = replica => [...replica.known.values()].reduce((sum, count) => sum + count, 0);
        let replica = able.sort((a, b) => size(b) - size(a))[0];
        if (!replica) replicas.push(replica = {known: new Map(), writer: -1, state: peer.create()});
        const missing = [];
        for (const [other, count] of known)
            for (let n = (replica.known.get(other) ?? 0) + 1; n <= count; ++n)
                missing.push(numbered.get(`${other} ${n}`));
        missing.sort((a, b) => a - b);
        if (missing.length > 0) peer.applyAll(replica.state, missing.map(i => updates[i]));
        // A replica may change its id when it receives changes.
        if (replica.writer !== writer || missing.length > 0) peer.writeAs(replica.state, writer);
        numbered.set(`${writer} ${number}`, updates.length);
        updates.push(peer.update(replica.state, edits));
        replica.writer = writer;
        replica.known = new Map(known).set(writer, number);
    }
    return updates;
}
