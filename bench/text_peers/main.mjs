// SPDX-License-Identifier: MIT
// main.mjs TEXT OUT: runs the program bench/text and the peers by turns, and writes OUT/text_peers.md
// and, beside this file, ratios.dat. Each peer has a process of its own, which it keeps through all rounds.
import {execFileSync, fork} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {cpus, loadavg} from 'node:os';

import {peers} from './peers.mjs';

const [program, out] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 3);
/** The milliseconds for a case of a peer, with what is made for it. */
const limit = name => (name === 'git-makefile' ? 20_000 : 60_000);
const load = loadavg()[0].toFixed(2);

/** The rows of one round of bench/text. */
function ours() {
    const table = execFileSync(program, ['--quick', '--tsv', '--rounds=1'], {encoding: 'utf8'});
    const rows = new Map(table.trim().split('\n').map(line => line.split('\t')).map(([name, value]) => [name, Number(value)]));
    const value = name => {
        if (!rows.has(name)) throw new Error(`${program} prints no row "${name}"`);
        return rows.get(name);
    };
    const paper = what => value(`automerge-paper: ${what}`);
    return {
        local: {ms: paper('local edits with their deltas')},
        updates: {ms: paper('local edits, each delta as bytes'), value: paper('bytes of a delta, as a value')},
        remote: {ms: paper('remote, deltas as bytes one by one')},
        'remote in order': {ms: paper('the same, with the order kept up to date')},
        friendsforever: {ms: value('friendsforever: every update into a new replica')},
        'git-makefile': {ms: value('git-makefile: every update into a new replica')},
        document: {ms: paper('load to editable'), value: paper('size')},
    };
}

/** A process that replays in one peer. A case that fails, or is late, is not tried again. */
class Replayer {
    failed = new Map();
    constructor(name) { this.name = name; }

    async start() {
        this.child = fork(new URL('replay.mjs', import.meta.url), [this.name]);
        this.cases = await this.reply('start');
    }
    reply(name) {
        return new Promise(resolve => {
            const finish = reply => {
                clearTimeout(timer);
                this.child.removeAllListeners();
                resolve(reply);
            };
            const timer = setTimeout(() => {
                this.child.kill('SIGKILL');
                finish({error: `not finished in ${limit(name) / 1000} s`, isGone: true});
            }, limit(name));
            this.child.once('message', finish);
            this.child.once('exit', code => finish({error: `the process ended with ${code}`, isGone: true}));
        });
    }
    async round() {
        const results = {};
        for (const name of this.cases) {
            if (!this.failed.has(name)) {
                this.child.send(name);
                const reply = await this.reply(name);
                if (reply.error) this.failed.set(name, reply);
                if (reply.isGone) await this.start();
                results[name] = reply;
            }
            if (this.failed.has(name)) results[name] = this.failed.get(name);
        }
        return results;
    }
}

const median = values => values.sort((a, b) => a - b)[values.length >> 1];
/** One result of each case: the medians of the rounds. */
function summary(results) {
    return Object.fromEntries(Object.entries(results[0]).map(([name, first]) => [
        name, results.find(each => each[name].error)?.[name] ?? {...first, ms: median(results.map(each => each[name].ms))},
    ]));
}

const replayers = Object.keys(peers).map(name => new Replayer(name));
const turns = {ours: []};
for (const replayer of replayers) {
    await replayer.start();
    turns[replayer.name] = [];
}
for (let round = 1; round <= rounds; ++round) {
    console.error(`round ${round} of ${rounds}: ours`);
    turns.ours.push(ours());
    for (const replayer of replayers) {
        console.error(`round ${round} of ${rounds}: ${replayer.name}`);
        turns[replayer.name].push(await replayer.round());
    }
}
for (const replayer of replayers) replayer.child.kill();
const results = Object.fromEntries(Object.entries(turns).map(([name, rounds]) => [name, summary(rounds)]));
const mine = results.ours;
const total = 259_778;  // edits of automerge-paper
const counts = {local: total, updates: total, remote: total, friendsforever: 26_078, 'git-makefile': 1_612};

const number = value => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(value < 1 ? 2 : 3))));
const row = cells => `| ${cells.join(' | ')} |\n`;
const table = (head, rows) => row(head) + row(head.map((_, i) => (i === 0 || head.length === 2 ? '---' : '--:'))) + rows.map(row).join('');
/** How many times as long as ours a peer takes for an update or an edit. */
const ratio = (name, result, base = name) => result.ms / result.count / (mine[base].ms / counts[name]);

const footnotes = [];
function cell(name, result) {
    if (result.error) {
        if (!footnotes.includes(result.error)) footnotes.push(result.error);
        return `error ${footnotes.indexOf(result.error) + 1}`;
    }
    const ratios = name === 'remote' ? `${number(ratio(name, result))} / ${number(ratio(name, result, 'remote in order'))}` : number(ratio(name, result));
    const part = result.count < counts[name] ? ` for ${number(result.count)}` : '';
    return `${number(result.ms)}${part} (${ratios} x)`;
}
const names = Object.keys(peers);
const timed = Object.keys(counts);
const bytes = result => (result.value === undefined ? '' : number(result.value));
const edits = table(
    ['', 'local, ms', 'with updates, ms', 'bytes per update', 'remote, ms', 'friendsforever, ms', 'git-makefile, ms'],
    [
        ['this library', number(mine.local.ms), number(mine.updates.ms), bytes(mine.updates),
         `${number(mine.remote.ms)} / ${number(mine['remote in order'].ms)}`, number(mine.friendsforever.ms), number(mine['git-makefile'].ms)],
        ...names.map(name => [name, ...timed.slice(0, 2).map(each => cell(each, results[name][each])), bytes(results[name].updates),
                              ...timed.slice(2).map(each => cell(each, results[name][each]))]),
    ]);
const documents = names.flatMap(name => Object.entries(results[name]).filter(([each]) => each.startsWith('document ')).map(([each, result]) => ({name, each, result})));
const loaded = table(
    ['', 'keeps a history', 'size, B', 'size to ours', 'load to editable, ms', 'load to ours'],
    [
        ['this library', 'no', number(mine.document.value), '', number(mine.document.ms), ''],
        ...documents.map(({name, each, result}) => (result.error
            ? [`${name}, \`${each.slice(9)}\``, cell(each, result), '', '', '', '']
            : [`${name}, \`${result.format}\``, result.history ? 'yes' : 'no', number(result.value), `${number(result.value / mine.document.value)} x`,
               number(result.ms), `${number(result.ms / mine.document.ms)} x`])),
    ]);
const shown = value => (value === undefined || value === null ? 'nothing' : `"${value}"`);
const left = table(['', 'left under the key'], [
    ['this library', shown(execFileSync(program, ['--removed-key'], {encoding: 'utf8'}).replace(/\n$/, ''))],
    ...names.map(name => {
        const {value, error} = results[name]['removed key'];
        if (error || !Array.isArray(value)) return [name, error ?? value];
        return [name, [...new Set(value.map(shown))].join(' or ')];
    }),
]);
const version = name => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

const machine = `Measured on ${cpus().length} processors (${cpus()[0].model.trim()}), load average ${load} at the start, with Node.js ${process.versions.node},
${names.map(name => `${peers[name].package} ${version(peers[name].package)}`).join(', ')}.`;

writeFileSync(`${out}/text_peers.md`, `# Texts beside other libraries

\`./dev bench-text-peers\` writes this page. It replays public editing traces in this library and in the npm packages
of other libraries. This page calls the other libraries *peers*. All libraries run in turns.
A time is the median of ${rounds} rounds.

${machine}

- The time of a peer is the clock time or the CPU time of its process, whichever is less. Our time is CPU time.
- A peer uses one process for all rounds, so its JavaScript is already compiled before the later rounds. In each round,
  the peer loads each document five times, and the least time counts. This library starts a new process in each round.
- yjs and json-joy are JavaScript. The others are compiled to WebAssembly. This library is compiled to machine code.
- After each replay, the text is compared with the text at the end of the trace. If they differ, the table has an error
  and no time.

![For each case, how many times as long as this library each peer takes](text_peers.svg)

## Edits and updates

| column | what is measured |
|---|---|
| local | the ${number(total)} edits of automerge-paper, all by one user. Each edit is a transaction |
| with updates | the same edits. For each edit, the library also makes an update: bytes for other replicas |
| remote | a new replica receives these updates, one after the other |
| friendsforever | ${number(counts.friendsforever)} updates by 2 users who typed concurrently. A new replica receives them, one after the other |
| git-makefile | ${number(counts['git-makefile'])} updates by 299 authors, from the branches of a file's history. A new replica receives them, one after the other |

A ratio in parentheses is the time of the peer divided by the time of this library. A slow peer replays only the first
edits or updates, and the table names their number. The ratio then compares times per edit. The smaller number favours
the peer, because most peers become slower as the text grows. The column *remote* has a second time of this library and
a second ratio. In this second measurement, the replica also requests the size of the text after each update, so that
our index of the order is kept up to date.

${edits}
${footnotes.map((note, i) => `- error ${i + 1}: ${note}${note.endsWith('.') ? '' : '.'}\n`).join('')}
The libraries have different orders for concurrent inserts at one place. If a trace has such inserts, the final text of
a peer can differ from that of the trace. Then a later edit of the trace may refer to a position that the text of the
peer does not have. This is not a defect of the peer.

Before a case is measured, its updates are made in the form of the peer. This counts towards the time limit of the case.
Each update is made on a replica with exactly the changes that the author of the update had.

## Documents

The document contains the text at the end of automerge-paper, 104,852 characters. The time to load includes an insert of
a character in the middle. A document of this library is not compressed.

${loaded}
A shallow snapshot of Loro is compressed. A replica that has loaded such a snapshot refuses concurrent
changes that are older than the snapshot.

## A removed key

A key of a map holds the text "hello". One replica removes the key while another types " world" into the text. After
both have received both changes:

${left}`);

const points = [
    ...timed.map(name => [name, names.map(each => (results[each][name].error ? NaN : ratio(name, results[each][name], name === 'remote' ? 'remote in order' : name)))]),
    ...[['load', 'ms'], ['size', 'value']].map(([title, field]) => [title, names.map(name => {
        const result = documents.find(each => each.name === name && !each.result.error)?.result;
        return result ? result[field] / mine.document[field] : NaN;
    })]),
].filter(([, ratios]) => ratios.some(Number.isFinite));
const titles = {updates: 'with updates', local: 'local edits'};
writeFileSync(new URL('ratios.dat', import.meta.url),
              `case\t${names.join('\t')}\n${points.map(([name, ratios]) => [titles[name] ?? name, ...ratios].join('\t')).join('\n')}\n`);
