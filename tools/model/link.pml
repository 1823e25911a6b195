/* SPDX-License-Identifier: MIT
 *
 * Two replicas and the link between them, for exhaustive checking with spin: tools/model/check.
 *
 * This follows include/crdt/replication/ member by member. "Models f()" above a part names the
 * members that the part stands for. Replica 0 writes, both exchange messages, and the network
 * loses, repeats, delays and reorders them. Replicas restart, with their state or without it, and
 * logs are truncated. All of this happens a bounded number of times, at any moment. In every order
 * of these events:
 *
 *   possession  No replica takes a position, and none accepts an ack, without all that it covers.
 *   equality    When nothing is due any more, replica 1 has all that replica 0 has. With
 *               -DBOTH_WAYS both replicas write, and then their states are equal.
 *   silence     Every run ends. No step is labelled as progress, so spin reports each cycle.
 *
 * Left out are the content of changes (a change is a numbered bit), the clock (what is due is sent
 * at any later time; a timeout comes when nothing else can happen, or early, as a fault), further
 * replicas (origins, repair, the scheduler), sketches and full states in place of digests, changes
 * that are cut to fit into a message, and merged entries of the log.
 */

/* How many faults and writes a run has. */
#ifndef WRITES0
#define WRITES0 2 /* changes that replica 0 writes, at most 2 */
#endif
#ifndef WRITES1
#define WRITES1 0 /* changes that replica 1 writes, at most 2; with BOTH_WAYS */
#endif
#ifndef LOSSES
#define LOSSES 1 /* messages that never arrive */
#endif
#ifndef REPEATS
#define REPEATS 1 /* messages that arrive once more */
#endif
#ifndef RESTARTS
#define RESTARTS 1 /* restarts, each with or without the state */
#endif
#ifndef TRUNCATIONS
#define TRUNCATIONS 1 /* logs truncated past the position of the peer */
#endif
#ifndef EARLY
#define EARLY 1 /* timeouts although an ack or answer is under way */
#endif

#define SLOTS 2     /* messages under way to one replica */
#define MOST_GAPS 3 /* ReceiveProgress::most_gaps */

/* Mistakes, which -D compiles in. Others stand where the rule is applied. */
#ifdef ACKS_OF_ANY_EPOCH
#define ack_counts true
#else
#define ack_counts is_for_this_epoch
#endif
#ifdef POSITIONS_OF_ANY_EPOCH
#define position_counts true
#else
#define position_counts is_for_this_epoch
#endif
#ifdef GAPS_ARE_ACKNOWLEDGED
#define leaves_gap false
#else
#define leaves_gap (m.first != 0 && !(own.has_position && m.first <= own.received))
#endif
#ifdef POSITIONS_ARE_REUSED
#define first_reserved own.end
#else
#define first_reserved (own.end + 1)
#endif
#ifdef LATE_PIECES_BEGIN_TRANSFERS
#define is_late false
#else
#define is_late (m.last < own.received)
#endif
#ifdef REQUESTS_ARE_NOT_REPEATED
#define may_repeat_request(i) false
#else
#define may_repeat_request(i) needs_request(i)
#endif

/* Sets of changes. The changes 0 and 1 are of replica 0, the changes 2 and 3 of replica 1. */
#define lowest(set) ((set) & (~(set) + 1))
#define count(set) (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1) + (((set) >> 3) & 1))

mtype = { probing, transferring, replicating };

/* Replica, its only Link, and what SendProgress, ReceiveProgress and TimerTable keep for it. */
typedef Replica {
    unsigned state : 4;
    unsigned epoch : 2;
    unsigned written : 2; /* changes so far */

    /* DeltaLog: the position after the last change, and those of the own changes; 0: not logged. */
    unsigned end : 5;
    unsigned at0 : 5;
    unsigned at1 : 5;

    unsigned peer_epoch : 2; /* Link::epoch_; 0: unknown_epoch */

    /* SendProgress */
    mtype sending; /* state() */
    bool is_confirmed;
    unsigned pieces : 4; /* one a change; in `transferring` at least one, perhaps of no change */
    unsigned acked : 5;
    unsigned sent : 5;
    unsigned position : 5;
    unsigned fresh_from : 5;

    /* ReceiveProgress */
    bool has_position; /* false: `unknown`, or `transferring` */
    unsigned received : 5; /* position() */
    bool is_transferring;
    unsigned gaps : 2;

    /* TimerTable and the requests of Link */
    bool owes_ack;        /* Timer::ack is set */
    bool has_request;     /* Timer::answer is set */
    unsigned request : 4; /* the digest of the request */
    bool is_request_due;  /* Timer::request is due */
    bool is_first_request /* attempts_ == 0 */
};

/* Message: all that is due to the peer. */
typedef Message {
    byte from_epoch;
    byte to_epoch;
    byte ack; /* 0: none */
    bool has_changes;
    byte delta;
    byte first;
    byte last;
    bool more;
    byte covered; /* for checking: all changes of the sender before `last` */
    bool has_digest;
    byte digest;
    bool requests_digest
};

Replica r[2];
chan net[2] = [SLOTS] of { Message }; /* to each replica; sorted, as their order does not matter */
unsigned losses : 2 = LOSSES;
unsigned repeats : 2 = REPEATS;
unsigned restarts : 2 = RESTARTS;
unsigned truncations : 2 = TRUNCATIONS;
unsigned early : 2 = EARLY;

/* Scratch. */
hidden Message m, other;
hidden byte is_for_this_epoch, is_overdue, first, pieces;

#ifdef BOTH_WAYS
#define sends(i) true
#define is_synchronised (r[0].state == r[1].state)
#else
#define sends(i) ((i) == 0)
#define is_synchronised ((r[0].state & ~r[1].state) == 0)
#endif

#define peer (1 - me)
#define own r[me]
#define net_empty (len(net[0]) == 0 && len(net[1]) == 0)

/* Models pending(): the own changes in the log from a position on. Those of the peer are never pending. */
#define pending(i, from) \
    (((r[i].at0 >= (from) && r[i].at0 != 0) << (2 * (i))) | ((r[i].at1 >= (from) && r[i].at1 != 0) << (2 * (i) + 1)))

/* Models in_flight(), needs_request() and has_fresh(). A half of the link needs requests until it is in its last state. */
#define in_flight(i) (r[i].sent != r[i].acked)
#define lacks_confirmation(i) (sends(i) && !r[i].is_confirmed)
#define lacks_position(i) (sends(1 - (i)) && !r[i].has_position)
#define needs_request(i) (lacks_position(i) || lacks_confirmation(i))
#define has_fresh(i) (r[i].sending == replicating && pending(i, r[i].fresh_from) != 0)
#define has_next_piece(i) (r[i].sending == transferring && r[i].is_confirmed && !in_flight(i))
/* Models deadline() of SendProgress, where an ack may be overdue. */
#define can_expire(i) \
    (r[i].is_confirmed && in_flight(i) && (r[i].sending == transferring || pending(i, r[i].position) != 0))
/* Models deadline() of Link, without the timeouts. */
#define is_due(i) \
    (r[i].owes_ack || r[i].has_request || has_fresh(i) || has_next_piece(i) || \
     (needs_request(i) && r[i].is_request_due))
/* Nothing is under way or due: timeouts come next, if any. */
#define is_idle (net_empty && !is_due(0) && !is_due(1))
#define is_silent \
    (is_idle && !can_expire(0) && !can_expire(1) && !may_repeat_request(0) && !may_repeat_request(1))

/* The peer has what its sender takes it to have, if that is about the epoch that the peer is in. */
#define possessed(i) \
    (!r[i].is_confirmed || r[i].peer_epoch != r[1 - (i)].epoch || \
     (r[i].state & ~r[i].pieces & ~pending(i, r[i].position) & ~r[1 - (i)].state) == 0)

/* A piece of an earlier transfer that arrives after become_unknown() can leave a replica in `transferring` until the next
 * change. Without restarts and early timeouts, one way, this does not happen: both follow at the end. */
#ifdef BOTH_WAYS
#define is_following true
#else
#define is_following (RESTARTS > 0 || EARLY > 0 || (!r[0].is_transferring && !r[1].is_transferring))
#endif

inline check() {
    assert(possessed(0) && possessed(1));
    assert(!is_silent || is_synchronised);
    assert(!is_silent || is_following)
}

/* Models compact(): what the peer has is dropped. Everything is, if it has no position. */
inline compact_log() {
    if
    :: own.at0 != 0 && (own.sending == probing || own.at0 < own.position) -> own.at0 = 0
    :: else
    fi;
    if
    :: own.at1 != 0 && (own.sending == probing || own.at1 < own.position) -> own.at1 = 0
    :: else
    fi
}

/* Models become_probing() */
inline become_probing() {
    own.sending = probing;
    own.is_confirmed = false;
    own.pieces = 0;
    own.acked = 0;
    own.sent = 0;
    own.position = 0;
    own.fresh_from = 0;
    compact_log()
}

/* Models become_unknown() */
inline become_unknown() {
    own.has_position = false;
    own.received = 0;
    own.gaps = 0;
    own.is_request_due = true;
    own.is_first_request = true
}

/* Models reset() */
inline reset(its_epoch) {
    become_probing();
    become_unknown();
    own.is_transferring = false;
    own.owes_ack = false;
    own.has_request = false;
    own.request = 0;
    own.peer_epoch = its_epoch
}

/* Models on_epoch() */
inline on_epoch() {
    if
    :: m.from_epoch != own.peer_epoch && own.peer_epoch != 0 -> reset(m.from_epoch)
    :: else -> own.peer_epoch = m.from_epoch
    fi
}

/* Models on_changes(), continues_at() and on_gap() */
inline on_changes() {
    if
    :: leaves_gap ->
        own.gaps++;
        if
        :: !own.has_position || own.gaps == MOST_GAPS -> become_unknown()
        :: else
        fi
    :: else ->
        /* What the sender had before `last`, this replica has. */
        assert((m.covered & ~own.state) == 0);
        own.is_transferring = (is_late -> own.is_transferring : m.more);
        own.received = (own.received > m.last -> own.received : m.last);
        own.has_position = true;
        own.gaps = 0;
        own.is_first_request = true;
        own.owes_ack = true
    fi
}

/* Models on_ack() */
inline on_ack(ack_) {
    if
    :: own.sending == probing || ack_ < own.acked || (ack_ == own.acked && own.is_confirmed) -> skip
    :: else ->
        own.is_confirmed = true;
        if
        :: own.sending == transferring ->
            own.pieces = own.pieces & (own.pieces - 1);
            if
            :: own.pieces == 0 -> own.sending = replicating
            :: else
            fi
        :: else
        fi;
        own.acked = ack_;
        own.sent = (own.sent > ack_ -> own.sent : ack_);
        first = (own.acked == own.sent && own.fresh_from > ack_ -> own.fresh_from : ack_);
        own.position = (own.position > first -> own.position : first);
        own.fresh_from = (own.fresh_from > own.position -> own.fresh_from : own.position);
        compact_log()
    fi
}

/* Models on_message(), is_well_formed() and on_requests() */
inline receive() {
    is_for_this_epoch = (m.to_epoch == own.epoch);
    if
    :: is_for_this_epoch && m.ack > own.end -> skip
    :: else ->
        on_epoch();
#ifdef EVERY_MESSAGE_IS_ACKNOWLEDGED /* and not only changes */
        own.owes_ack = true;
#endif
        if
        :: !is_for_this_epoch && m.to_epoch != 0 -> own.owes_ack = true /* on_foreign_epoch() */
        :: else
        fi;
        if
        :: m.has_changes ->
            own.state = own.state | m.delta;
            if
            :: position_counts -> on_changes()
            :: else
            fi
        :: else
        fi;
        if
        :: m.ack != 0 && (ack_counts) -> on_ack(m.ack)
        :: else
        fi;
        if
        :: m.has_digest -> /* ResyncAnswers::on_message() */
            own.has_request = true;
            own.request = m.digest
        :: else
        fi;
        if
        :: m.requests_digest -> become_unknown() /* on_digest_request() */
        :: else
        fi
    fi
}

inline clear() {
    m.from_epoch = 0;
    m.to_epoch = 0;
    m.ack = 0;
    m.has_changes = false;
    m.delta = 0;
    m.first = 0;
    m.last = 0;
    m.more = false;
    m.covered = 0;
    m.has_digest = false;
    m.digest = 0;
    m.requests_digest = false
}

inline put_changes(delta_, first_, last_, later) {
    m.has_changes = true;
    m.delta = delta_;
    m.first = first_;
    m.last = last_;
    m.more = ((later) != 0);
    m.covered = own.state & ~(later) & ~pending(me, last_)
}

/* Models opening() */
inline put_opening() {
    put_changes(lowest(own.pieces), 0, own.acked, own.pieces & (own.pieces - 1))
}

/* Models become_transferring() and reserve() */
inline become_transferring() {
    become_probing();
    own.sending = transferring;
    own.pieces = pieces;
    first = first_reserved;
    own.end = first + (pieces == 0 -> 1 : count(pieces)) - 1;
    own.acked = first;
    own.sent = first;
    own.position = own.end;
    own.fresh_from = own.end;
#ifdef ANSWERS_COUNT_WHEN_SENT
    own.is_confirmed = true;
#endif
    own.is_request_due = false
}

/* Models put_answer() */
inline put_answer() {
    pieces = own.state & ~own.request;
    if
    :: own.sending != probing && !own.is_confirmed -> put_opening()
    :: own.sending == replicating && count(pieces) <= 1 -> put_changes(pieces, 0, own.end, 0)
    :: else -> become_transferring(); put_opening()
    fi;
    own.has_request = false;
    own.request = 0
}

/* Models put_pending() and next() */
inline put_pending() {
    if
    :: is_overdue -> /* begin_retransmission() */
        own.sent = own.acked;
        own.fresh_from = own.position
    :: else
    fi;
    if
    :: has_next_piece(me) ->
        put_changes(lowest(own.pieces), own.acked, own.acked + 1, own.pieces & (own.pieces - 1));
        own.sent = own.acked + 1
    :: has_fresh(me) ->
        put_changes(pending(me, own.fresh_from), own.sent, own.end, 0);
        own.fresh_from = own.end;
        own.sent = own.end
    :: else
    fi
}

/* Models put_request() */
inline put_request() {
    if
    :: needs_request(me) && (own.is_request_due || (own.is_first_request && lacks_position(me))) ->
        own.is_request_due = false;
        own.is_first_request = false;
        m.requests_digest = (!m.has_changes && lacks_confirmation(me));
        m.has_digest = lacks_position(me);
        m.digest = (m.has_digest -> own.state : 0)
    :: else
    fi
}

/* Models compose() */
inline compose() {
    m.from_epoch = own.epoch;
    m.to_epoch = own.peer_epoch;
    m.ack = (own.owes_ack && own.has_position -> own.received : 0);
    own.owes_ack = false;
    if
    :: own.has_request -> put_answer()
    :: else -> put_pending()
    fi;
    is_overdue = false;
    put_request()
}

inline print_message() {
    printf("[epoch %d to %d]", m.from_epoch, m.to_epoch);
    if
    :: m.ack != 0 -> printf(" ack %d", m.ack)
    :: else
    fi;
    if
    :: m.has_changes -> printf(" changes {%x} at %d to %d", m.delta, m.first, m.last)
    :: else
    fi;
    if
    :: m.more -> printf(" and more")
    :: else
    fi;
    if
    :: m.has_digest -> printf(" digest {%x}", m.digest)
    :: else
    fi;
    if
    :: m.requests_digest -> printf(" requests digest")
    :: else
    fi;
    printf("\n")
}

inline send_message() {
    clear();
    compose();
    printf("%d sends ", me);
    print_message();
    net[peer]!!m;
    check()
}

/* Models update(). While the peer has no position, nothing is logged. */
inline write() {
    printf("%d writes\n", me);
    own.state = own.state | (1 << (2 * me + own.written));
    if
    :: own.sending != probing ->
        if
        :: own.written == 0 -> own.at0 = own.end
        :: else -> own.at1 = own.end
        fi;
        own.end++
    :: else
    fi;
    own.written++
}

/* A new Replicator in a new epoch, with a log that begins at position 1. */
inline restart(kept) {
    printf("%d restarts with state %x\n", me, kept);
    own.state = kept;
#ifndef EPOCH_IS_KEPT
    own.epoch++;
#endif
    own.end = 1;
    reset(0)
}

/* Any message that is under way can be the next one. */
inline take(position) {
    if
    :: position == 0 -> net[me]?m
    :: else -> net[me]?other; net[me]?m; net[me]!other
    fi
}

inline deliver(position, is_repeated) {
    take(position);
    printf("%d receives ", me);
    print_message();
    if
    :: is_repeated -> repeats--; net[me]!!m
    :: else
    fi;
    receive();
    check()
}

inline lose(position) {
    take(position);
    printf("%d does not receive ", me);
    print_message();
    losses--;
    check()
}

/* Models truncate() and fall_behind() */
inline fall_behind() {
    printf("%d truncates its log\n", me);
    own.at0 = 0;
    own.at1 = 0;
#ifndef TRUNCATION_IS_IGNORED
    become_probing();
    own.is_request_due = true;
    own.is_first_request = true
#endif
}

proctype replica(bit me) {
end:
    do
    :: d_step { len(net[me]) > 0 -> deliver(0, false) }
    :: d_step { len(net[me]) > 1 -> deliver(1, false) }
    :: d_step { len(net[me]) > 0 && repeats > 0 -> deliver(0, true) }
    :: d_step { len(net[me]) > 1 && repeats > 0 -> deliver(1, true) }
    :: d_step { len(net[me]) > 0 && losses > 0 -> lose(0) }
    :: d_step { len(net[me]) > 1 && losses > 0 -> lose(1) }

    :: d_step { is_due(me) && nfull(net[peer]) -> send_message() }
    :: d_step { is_idle && can_expire(me) -> is_overdue = true; send_message() }
    :: d_step { is_idle && may_repeat_request(me) -> own.is_request_due = true; send_message() }

    :: d_step { early > 0 && can_expire(me) && nfull(net[peer]) -> early--; is_overdue = true; send_message() }
    :: d_step { early > 0 && may_repeat_request(me) && nfull(net[peer]) ->
        early--; own.is_request_due = true; send_message() }
    :: d_step { early > 0 && own.sending == transferring && !own.is_confirmed -> /* expire_transfer() */
        early--; become_probing(); check() }

    :: d_step { own.written < (me == 0 -> WRITES0 : WRITES1) -> write(); check() }
    :: d_step { restarts > 0 -> restarts--; restart(own.state); check() }
    :: d_step { restarts > 0 && own.state != 0 -> restarts--; restart(0); check() }
    :: d_step { truncations > 0 && pending(me, 1) != 0 ->
        truncations--; fall_behind(); check() }
    od
}

init {
    d_step {
        r[0].epoch = 1; r[0].end = 1; r[0].sending = probing; r[0].is_request_due = true; r[0].is_first_request = true;
        r[1].epoch = 1; r[1].end = 1; r[1].sending = probing; r[1].is_request_due = true; r[1].is_first_request = true
    };
    atomic { run replica(0); run replica(1) }
}
