// SPDX-License-Identifier: MIT
// Reads the editing traces, and gives each transaction of a graph its writer and its ancestors.
import {readFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';

function read(path) {
    return JSON.parse(gunzipSync(readFileSync(`${process.env.CRDT_TRACES}/${path}.json.gz`)));
}

/** The edits [position, erased, inserted] of a history of one user, and the text at the end. */
export function sequential(name) {
    const {startContent, endContent, txns} = read(`sequential/${name}`);
    if (startContent !== '') throw new Error(`${name}: expected an empty start`);
    return {edits: txns.flatMap(txn => txn.patches), end: endContent};
}

/** The text after the edits. */
export function textAfter(edits) {
    const text = [];
    for (const [position, erased, inserted] of edits) text.splice(position, erased, ...inserted);
    return text.join('');
}

/**
 * A graph of transactions {agent, parents, edits}: parents are indices of transactions.
 *
 * A writer numbers its transactions without gaps, and each follows the one before. Where an agent's
 * transactions do not contain each other, the agent gets several writers. Writers are ordered by the
 * names of their agents. Each transaction gets `writer`, an index in this order, and `known`, the
 * number of transactions of each writer among its ancestors.
 */
export function concurrent(name) {
    const {txns, endContent} = read(`concurrent/${name}`);
    const transactions = [];
    const transactionOf = [];  // if the parents in a graph are events
    for (const {span, agent, parents, ops, patches} of txns) {
        transactions.push({
            agent: String(agent),
            parents: span ? parents.map(event => transactionOf[event]) : parents,
            edits: ops ?? patches,
        });
        if (span) transactionOf.push(...Array(span[1] - span[0]).fill(transactions.length - 1));
    }
    const writers = [];
    for (const transaction of transactions) {
        const known = transaction.known = new Map();
        for (const parent of transaction.parents.map(i => transactions[i]))
            for (const [writer, count] of [...parent.known, [parent.writer, parent.number]])
                known.set(writer, Math.max(count, known.get(writer) ?? 0));
        let writer = writers.find(w => w.agent === transaction.agent && (known.get(w) ?? 0) === w.count);
        if (!writer) writers.push(writer = {agent: transaction.agent, count: 0});
        transaction.writer = writer;
        transaction.number = ++writer.count;
    }
    const byName = [...writers].sort((a, b) => (a.agent < b.agent ? -1 : a.agent > b.agent ? 1 : 0));
    const indices = new Map(byName.map((writer, i) => [writer, i]));
    for (const transaction of transactions) {
        transaction.writer = indices.get(transaction.writer);
        transaction.known = new Map([...transaction.known].map(([writer, count]) => [indices.get(writer), count]));
    }
    return {transactions, end: endContent};
}
