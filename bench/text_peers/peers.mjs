// SPDX-License-Identifier: MIT
// The libraries that are measured, behind one interface. Positions count UTF-16 units, which are
// the code points of the traces measured here.
//
//   create()            a new replica
//   writeAs(r, n)       the next changes of r are those of writer n
//   edit(r, edits)      makes the edits [position, erased, inserted] in one transaction
//   update(r, edits)    the same; returns the update as bytes
//   apply(r, bytes)     applies an update of another replica
//   applyAll(r, list)   applies several updates at once
//   formats             the documents: [name, keeps a history, save(r), load(bytes)]
//   text(r)             the content
//   graph(list)         the updates of a concurrent trace, if replicas cannot make them
//   removedKey()        the texts of two replicas under a key that one removes while the other
//                       types into the text
import {createRequire} from 'node:module';

const require = createRequire(import.meta.url);

function yjs() {
    const Y = require('yjs');
    const create = () => {
        const doc = new Y.Doc();
        return {doc, text: doc.getText('text')};
    };
    const edit = ({doc, text}, edits) => doc.transact(() => {
        for (const [position, erased, inserted] of edits) {
            if (erased) text.delete(position, erased);
            if (inserted) text.insert(position, inserted);
        }
    });
    const apply = ({doc}, bytes) => Y.applyUpdate(doc, bytes);
    return {
        create,
        writeAs: ({doc}, writer) => { doc.clientID = writer + 1; },
        edit,
        update(r, edits) {
            if (!r.update) r.doc.on('update', bytes => { r.update = bytes; });
            edit(r, edits);
            return r.update;
        },
        apply,
        applyAll(r, list) {
            r.doc.clientID = 0;  // A replica that receives a change under its own id warns, and changes the id.
            list.forEach(bytes => apply(r, bytes));
        },
        formats: [['encodeStateAsUpdateV2', false, ({doc}) => Y.encodeStateAsUpdateV2(doc), bytes => {
            const r = create();
            Y.applyUpdateV2(r.doc, bytes);
            return r;
        }]],
        text: r => r.text.toString(),
        removedKey() {
            const [a, b] = [new Y.Doc(), new Y.Doc()];
            const sync = (from, to) => Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
            a.getMap('notes').set('n', new Y.Text('hello'));
            sync(a, b);
            a.getMap('notes').delete('n');
            b.getMap('notes').get('n').insert(5, ' world');
            sync(a, b);
            sync(b, a);
            return [a, b].map(doc => doc.getMap('notes').get('n')?.toString());
        },
    };
}

function loro() {
    const {LoroDoc, LoroText} = require('loro-crdt');
    const wrap = doc => ({doc, text: doc.getText('text')});
    const load = bytes => wrap(LoroDoc.fromSnapshot(bytes));
    const edit = ({doc, text}, edits) => {
        for (const [position, erased, inserted] of edits) {
            if (erased) text.delete(position, erased);
            if (inserted) text.insert(position, inserted);
        }
        doc.commit();
    };
    return {
        create: () => wrap(new LoroDoc()),
        writeAs: ({doc}, writer) => doc.setPeerId(BigInt(writer + 1)),
        edit,
        update(r, edits) {
            if (!r.update) r.doc.subscribeLocalUpdates(bytes => { r.update = bytes; });
            edit(r, edits);
            return r.update;
        },
        apply: ({doc}, bytes) => doc.import(bytes),
        applyAll: ({doc}, list) => doc.importBatch(list),
        formats: [
            ['snapshot', true, ({doc}) => doc.export({mode: 'snapshot'}), load],
            ['shallow snapshot', false,
             ({doc}) => doc.export({mode: 'shallow-snapshot', frontiers: doc.frontiers()}), load],
        ],
        text: r => r.text.toString(),
        removedKey() {
            const [a, b] = [new LoroDoc(), new LoroDoc()];
            const sync = (from, to) => to.import(from.export({mode: 'update'}));
            a.getMap('notes').setContainer('n', new LoroText()).insert(0, 'hello');
            sync(a, b);
            a.getMap('notes').delete('n');
            b.getMap('notes').get('n').insert(5, ' world');
            sync(a, b);
            sync(b, a);
            return [a, b].map(doc => doc.getMap('notes').get('n')?.toString());
        },
    };
}

function automerge() {
    const A = require('@automerge/automerge');
    const base = A.save(A.change(A.init({actor: '00'}), {time: 0}, doc => { doc.text = ''; }));
    const edit = (r, edits) => {
        r.doc = A.change(r.doc, {time: 0}, doc => {
            for (const each of edits) A.splice(doc, ['text'], ...each);
        });
    };
    const applyAll = (r, list) => { [r.doc] = A.applyChanges(r.doc, list); };
    return {
        create: () => ({doc: A.load(base)}),
        writeAs(r, writer) {
            r.doc = A.clone(r.doc, {actor: (writer + 1).toString(16).padStart(8, '0')});
        },
        edit,
        update(r, edits) {
            edit(r, edits);
            return A.getLastLocalChange(r.doc);
        },
        apply: (r, bytes) => applyAll(r, [bytes]),
        applyAll,
        formats: [['save', true, r => A.save(r.doc), bytes => ({doc: A.load(bytes)})]],
        text: r => r.doc.text,
        removedKey() {
            let a = A.from({notes: {n: 'hello'}});
            let b = A.clone(a);
            a = A.change(a, doc => { delete doc.notes.n; });
            b = A.change(b, doc => A.splice(doc, ['notes', 'n'], 5, 0, ' world'));
            a = A.merge(a, b);
            b = A.merge(b, a);
            return [a, b].map(doc => doc.notes.n);
        },
    };
}

function jsonJoy() {
    const {Model} = require('json-joy/lib/json-crdt');
    const {Patch} = require('json-joy/lib/json-crdt-patch');
    const session = 100_000;  // those below are reserved
    const wrap = model => ({model, text: model.api.str([])});
    const start = Model.create(undefined, session);
    start.api.root('');
    start.api.flush();
    const base = start.toBinary();
    const edit = ({model, text}, edits) => {
        for (const [position, erased, inserted] of edits) {
            if (erased) text.del(position, erased);
            if (inserted) text.ins(position, inserted);
        }
        return model.api.flush();
    };
    const load = bytes => wrap(Model.load(bytes, session + 1));
    const apply = ({model}, bytes) => model.applyPatch(Patch.fromBinary(bytes));
    return {
        create: () => load(base),
        writeAs: ({model}, writer) => model.setSid(session + 1 + writer),
        edit,
        update: (r, edits) => edit(r, edits).toBinary(),
        apply,
        applyAll: (r, list) => list.forEach(bytes => apply(r, bytes)),
        formats: [['toBinary', false, r => r.model.toBinary(), load]],
        text: r => r.text.view(),
        removedKey() {
            const a = Model.create(undefined, session);
            a.api.root({n: 'hello'});
            a.api.flush();
            const b = a.fork(session + 1);
            a.api.obj([]).del(['n']);
            b.api.str(['n']).ins(5, ' world');
            const [ofA, ofB] = [a.api.flush(), b.api.flush()];
            a.applyPatch(ofB);
            b.applyPatch(ofA);
            return [a, b].map(model => model.view().n);
        },
    };
}

function diamondTypes() {
    const {Doc, OpLog} = require('diamond-types-node');
    const edit = (doc, edits) => {
        for (const [position, erased, inserted] of edits) {
            if (erased) doc.del(position, erased);
            if (inserted) doc.ins(position, inserted);
        }
    };
    return {
        create: () => new Doc('ann'),
        edit,
        update(doc, edits) {
            const before = doc.getLocalVersion();
            edit(doc, edits);
            return doc.getPatchSince(before);
        },
        apply: (doc, bytes) => doc.mergeBytes(bytes),
        applyAll: (doc, list) => list.forEach(bytes => doc.mergeBytes(bytes)),
        formats: [['toBytes', true, doc => doc.toBytes(), bytes => Doc.fromBytes(bytes, 'ann')]],
        text: doc => doc.get(),
        /** A log of operations takes an operation at any version. */
        graph(transactions) {
            const log = new OpLog();
            const versions = [];
            return transactions.map(({agent, parents, edits}) => {
                const before = log.getLocalVersion();
                let version = Uint32Array.from(parents, i => versions[i]);
                log.setAgent(agent);
                for (const [position, erased, inserted] of edits) {
                    if (erased) version = Uint32Array.of(log.del(position, erased, version));
                    if (inserted) version = Uint32Array.of(log.ins(position, inserted, version));
                }
                versions.push(version[0]);
                return log.getPatchSince(before);
            });
        },
    };
}

/** For a slow peer, `prefix` is the number of edits, or of updates, that a case replays. */
export const peers = {
    yjs: {package: 'yjs', open: yjs},
    loro: {package: 'loro-crdt', open: loro, prefix: {updates: 50_000, remote: 50_000, friendsforever: 5_000}},
    automerge: {
        package: '@automerge/automerge',
        open: automerge,
        prefix: {local: 20_000, updates: 20_000, remote: 2_000, friendsforever: 1_000, 'git-makefile': 100},
    },
    'json-joy': {package: 'json-joy', open: jsonJoy},
    'diamond-types': {package: 'diamond-types-node', open: diamondTypes},
};
