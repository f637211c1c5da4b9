/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows.c - both directions of a connection, joined across NAT
 *
 * Theory of Operation
 *
 * An answer to a masqueraded packet comes with an address that no packet before it showed
 * (SNAT is not visible in a trace: nat POSTROUTING is the last table). It begins a flow of its
 * own; when its address is turned back between PREROUTING and FORWARD the flow of the request
 * is found under the new tuple, and the two become one. So the answer also tells how the
 * request left. One that ends before that is known by what it acknowledges: see unturned.c.
 *
 * Two requests may be seen with one tuple after translation: when the ports run out, NAT keeps a
 * tuple that is taken (get_unique_tuple() of net/netfilter/nf_nat_core.c), and conntrack does not
 * confirm the second connection (__nf_conntrack_confirm()); or the first is over, and its port is
 * used again. Either way they stay two flows.
 */
#include "flows.h"

#include <errno.h>

#include "nfhop/addr.h"
#include "nfhop/trace.h"

#include "flow_table.h"

#define ANSWER_NS INT64_C(100000000) /* a REJECT answers at once; a slow console takes longer */
#define NEW_TCP_NS                                                                                 \
	INT64_C(120000000000) /* a SYN after so long: nf_conntrack_tcp_timeout_time_wait */
#define NEW_OTHER_NS INT64_C(300000000000)
#define HELD_NS	     INT64_C(30000000000) /* nf_conntrack_udp_timeout, the shortest of its kind */

/* Ports are used again: is the packet the first of another connection with the same tuple? */
static bool begins_anew(const struct flow *flow, const struct packet *p, int direction)
{
	int64_t age = stamp_age(&p->hops[0].stamp, &flow->last);

	if (!flow->packets[0] && !flow->packets[1])
		return false;
	if (p->first.have & HEADER_FLAGS)
		return direction == 0 && tcp_opens(p->first.tcp_flags) && age > NEW_TCP_NS;
	return age > NEW_OTHER_NS;
}

static const struct packet *same_quoted(const struct packet *open, const struct header *quoted)
{
	if (!open ||
	    ((open->first.have & quoted->have & HEADER_ID) && open->first.id != quoted->id))
		return NULL;
	return open;
}

/* This host sent an ICMP error or a RST: if it answers a packet seen just now, tell that one. */
static void tell_answered(struct rec *r, const struct packet *p, int direction)
{
	struct packet *other = r->newest[!direction];
	bool rst = (p->first.have & HEADER_FLAGS) && (p->first.tcp_flags & TCP_RST);
	const struct hop *last;

	if (p->hops[0].iif || !p->hops[0].oif || !other || !other->n_hops)
		return;
	if (!(rst || (p->has_quoted && same_quoted(other, &p->quoted))))
		return;
	last = &other->hops[other->n_hops - 1];
	if (stamp_age(&p->hops[0].stamp, &last->stamp) <= ANSWER_NS)
		other->flags |= PACKET_ANSWERED;
}

static void packet_join(struct flows *f, uint32_t slot, struct packet *p, int direction)
{
	struct rec *r = &f->recs[slot];

	p->flow = r->flow.no;
	r->opened++;
	p->flags &= (uint16_t)~PACKET_BACK;
	if (direction)
		p->flags |= PACKET_BACK;
	if (p->first.have & HEADER_FLAGS)
		r->flow.closing |= p->first.tcp_flags & (TCP_FIN | TCP_RST);
	if (!p->has_quoted) { /* no error answers an error */
		r->newest[direction] = p;
		sent_set(&r->flow.sent[direction], &p->first);
	}
	flows_touch(f, slot);
}

static struct tuple quoted_tuple(const struct packet *p)
{
	struct endpoints e = { p->quoted.src, p->quoted.dst, p->quoted.sport, p->quoted.dport };

	if (p->quoted.have & HEADER_ECHO)
		e.sport = e.dport = p->quoted.echo_id;
	return tuple_of(&p->quoted, &e);
}

/* packet_tuple - that of its connection; of an error, that of what it quotes */
static struct tuple packet_tuple(const struct packet *p)
{
	return quotes_ends(p) ? quoted_tuple(p) : tuple_of(&p->first, &p->ends[0]);
}

/* before_it - the packet of @r before @p, which may be equal; else it need not be fetched */
static const struct packet *before_it(const struct rec *r, const struct packet *p, int direction)
{
	const struct sent *before = &r->flow.sent[direction];
	struct sent sent;

	sent_set(&sent, &p->first);
	return sent.length && before->length &&
			       (sent.id != before->id || sent.length != before->length)
		       ? NULL
		       : r->newest[direction];
}

int flows_opened(struct flows *f, struct packet *p, const struct packet **before)
{
	const struct tuple t = packet_tuple(p);
	uint32_t slot = NONE;
	int direction = 0;

	if (p->has_quoted && !quotes_ends(p)) {
		slot = quotes_start(p) ? flows_find_quoted(f, p, &direction) : NONE;
		p->has_quoted = slot != NONE; /* a quote that leads nowhere tells nothing */
	}
	if (slot == NONE)
		slot = flows_find(f, p->scope, &t, &direction);
	if (slot != NONE && begins_anew(&f->recs[slot].flow, p, direction)) {
		flows_unknown_under(f, slot, 0);
		flows_unknown_under(f, slot, 1);
		slot = NONE;
	}
	if (slot == NONE) {
		direction = 0;
		slot = flows_begin(f, p, &t);
	}
	if (slot == NONE)
		return -ENOMEM;
	if (p->has_quoted)
		direction = !direction; /* the error runs against what it quotes */
	*before = before_it(&f->recs[slot], p, direction);
	packet_join(f, slot, p, direction);
	tell_answered(&f->recs[slot], p, direction);
	return 0;
}

/* nobody_knows - have none but @opened open packets the flow's number? */
static bool nobody_knows(const struct rec *r, uint32_t opened)
{
	return !r->flow.packets[0] && !r->flow.packets[1] && r->opened == opened;
}

/* Flow @from turns out to be @to, run the other way if @turned. */
static int flows_merge(struct flows *f, uint32_t to, uint32_t from, bool turned)
{
	struct flow *a = &f->recs[to].flow, *b = &f->recs[from].flow;
	struct tuple seen = turned ? tuple_reverse(&b->there) : b->there;
	bool unseen = nobody_knows(&f->recs[from], 1);

	for (int d = 0; d < 2; d++) {
		a->packets[d] += b->packets[d != turned];
		if (!a->iif[d] && !a->oif[d]) {
			a->iif[d] = b->iif[d != turned];
			a->oif[d] = b->oif[d != turned];
			a->ports |= (uint8_t)((b->ports >> (d != turned) & 5) << d);
		}
		if (f->recs[from].newest[d != turned])
			f->recs[to].newest[d] = f->recs[from].newest[d != turned];
		if (b->sent[d != turned].length)
			a->sent[d] = b->sent[d != turned];
	}
	a->errors += b->errors;
	a->closing |= b->closing;
	if (b->mtu) {
		a->mtu = b->mtu;
		a->mtu_back = b->mtu_back != turned;
	}
	if (b->first_no && (!a->first_no || b->first_no < a->first_no)) {
		a->first_no = b->first_no;
		a->first_flags = b->first_flags;
	}
	if (!turned && b->icmp_kinds) {
		a->icmp_kinds = a->icmp_kinds && a->icmp != b->icmp ? 2 : b->icmp_kinds;
		a->icmp = b->icmp;
	}
	f->samples -= flow_paths_move(a, b, turned);
	f->recs[to].opened += f->recs[from].opened;
	f->numbers[b->no - 1].joined = a->no;
	if (unseen && b->no == f->last_no)
		f->last_no--; /* only its open packet knows that number */
	flows_release(f, from);
	if (turned) {
		a->left = seen;
		a->nat_by = BY_TRACE;
		flows_unknown_under(f, to, 1);
		return flows_known_under(f, to, 1, &a->left);
	}
	return 0;
}

static int learn_left(struct flows *f, uint32_t slot, const struct tuple *left)
{
	struct flow *flow = &f->recs[slot].flow;

	if (tuple_eq(&flow->there, left))
		return 0;
	flow->left = *left;
	flow->nat_by = BY_TRACE;
	flow->nat_taken = 0;
	flows_unknown_under(f, slot, 1);
	return flows_known_under(f, slot, 1, left);
}

/*
 * Its destination is the new one, its source the old one yet: where that is known to change, too,
 * this tells nothing new. (The source changes last, and not where later packets could show it.)
 */
static bool is_on_its_way(const struct flow *flow, const struct tuple *t)
{
	const struct endpoints *at = &t->ends, *left = &flow->left.ends;

	return at->dport == left->dport && !memcmp(&at->dst, &left->dst, sizeof(at->dst)) &&
	       at->sport == flow->there.ends.sport &&
	       !memcmp(&at->src, &flow->there.ends.src, sizeof(at->src));
}

/*
 * An ICMP error quotes a packet as it left; behind nat it quotes it as it came (formats 5.3).
 * So flow @mine, begun by the error, is flow @other as it left.
 */
static int join_quoted(struct flows *f, uint32_t other, uint32_t mine, struct packet *p)
{
	struct tuple left = f->recs[mine].flow.there;

	if (flows_merge(f, other, mine, false))
		return -ENOMEM;
	packet_join(f, other, p, 1);
	return learn_left(f, other, &left);
}

/* packet_leave - it turns out to be none of that flow */
static void packet_leave(struct rec *r, const struct packet *p)
{
	for (int d = 0; d < 2; d++)
		if (r->newest[d] == p)
			r->newest[d] = NULL;
	r->opened--;
}

/* still_held - does conntrack surely still know @flow? What closes may be forgotten at once. */
static bool still_held(const struct flow *flow, const struct packet *p)
{
	const struct stamp *now = &p->hops[p->n_hops - 1].stamp;
	const struct stamp *last = flow->last.have ? &flow->last : &flow->first;
	int64_t age = stamp_age(now, last);

	return !flow->closing && (now->have & last->have & (STAMP_UP | STAMP_WALL)) &&
	       age > -HELD_NS && age < HELD_NS;
}

/* Flow @mine, which came otherwise than @other, goes by the same tuple @t after translation. */
static int meet_other(struct flows *f, uint32_t mine, uint32_t other, struct packet *p,
		      const struct tuple *t)
{
	struct flow *flow = &f->recs[mine].flow;

	if (is_on_its_way(flow, t))
		return 0;
	if (!still_held(&f->recs[other].flow, p)) {
		flows_unknown_under(f, other, 1);
		return learn_left(f, mine, t);
	}
	p->flags |= PACKET_NAT_TAKEN;
	flows_unknown_under(f, mine, 1); /* answers are for the other */
	flow->left = *t;
	flow->nat_by = BY_TRACE;
	flow->nat_taken = f->recs[other].flow.no;
	return 0;
}

/* Was an answer found by the tuple that its flow left with, which is not the one it came with? */
static bool came_as_left(const struct flow *flow, const struct packet *p)
{
	struct tuple came = tuple_of(&p->first, &p->ends[0]), left = tuple_reverse(&came);

	return tuple_eq(&flow->left, &left) && !tuple_eq(&flow->there, &left);
}

/* An answer was taken for flow @mine's, which left with the same tuple as that of flow @right. */
static int belong_to(struct flows *f, uint32_t mine, uint32_t right, struct packet *p)
{
	struct tuple came = tuple_of(&p->first, &p->ends[0]), left = tuple_reverse(&came);

	packet_leave(&f->recs[mine], p);
	packet_join(f, right, p, 1);
	return learn_left(f, right, &left);
}

/* withdraw - packet @p, which is open, is none of flow @mine's */
static void withdraw(struct flows *f, uint32_t mine, const struct packet *p)
{
	struct rec *r = &f->recs[mine];
	uint32_t no = r->flow.no;

	packet_leave(r, p);
	if (nobody_knows(r, 0)) {
		f->numbers[no - 1].slot = NONE;
		if (no == f->last_no)
			f->last_no--;
		flows_release(f, mine);
	}
}

void flows_withdrawn(struct flows *f, const struct packet *p)
{
	uint32_t mine = flows_slot_by_no(f, p->flow);

	if (mine != NONE)
		withdraw(f, mine, p);
}

/* seen_now - the headers of packet @p were not in the input until now: it is of another flow */
static int seen_now(struct flows *f, uint32_t mine, struct packet *p)
{
	const struct packet *before;

	withdraw(f, mine, p);
	return flows_opened(f, p, &before);
}

/* Flow @other began with packets that were seen translated to @t only: those of @mine. */
static int join_translated(struct flows *f, uint32_t mine, uint32_t other, struct packet *p,
			   const struct tuple *t)
{
	struct tuple seen = f->recs[mine].flow.there;
	struct flow *flow = &f->recs[other].flow;
	int err = flows_merge(f, other, mine, false);

	p->flow = flow->no;
	flow->left = *t;
	flow->there = seen;
	flow->nat_by = BY_TRACE;
	flows_unknown_under(f, other, 0);
	flows_unknown_under(f, other, 1);
	return err || flows_known_under(f, other, 0, &seen) || flows_known_under(f, other, 1, t);
}

int flows_moved(struct flows *f, struct packet *p, const struct packet *told)
{
	struct tuple t = tuple_of(&told->first, &told->ends[told->n_ends - 1]);
	bool back = p->flags & PACKET_BACK;
	uint32_t mine, other;
	int direction;

	mine = flows_slot_by_no(f, p->flow);
	if (mine == NONE)
		return 0;
	p->flags &= (uint16_t)~PACKET_NAT_TAKEN; /* its last tuple counts */
	if (f->recs[mine].flow.there.unseen)
		return seen_now(f, mine, p);
	if (quotes_ends(told))
		t = quoted_tuple(told);
	else if (told->has_quoted)
		return 0; /* it was found by other marks */
	other = flows_find(f, p->scope, &t, &direction);
	if (other == mine)
		return 0;
	if (quotes_ends(told))
		return other == NONE || direction ? 0 : join_quoted(f, other, mine, p);
	if (other == NONE)
		return back || is_on_its_way(&f->recs[mine].flow, &t) ? 0 : learn_left(f, mine, &t);
	if (direction == (int)back && back && came_as_left(&f->recs[mine].flow, p))
		return belong_to(f, mine, other, p);
	if (direction == (int)back && !back)
		return tuple_eq(&f->recs[other].flow.there, &t)
			       ? join_translated(f, mine, other, p, &t)
			       : meet_other(f, mine, other, p, &t);
	if (flows_merge(f, other, mine, direction != (int)back))
		return -ENOMEM;
	packet_join(f, other, p, direction);
	return 0;
}

/* has_left_for - is it known that its source, or else its destination, is another when it left? */
static bool has_left_for(const struct flow *flow, bool source)
{
	const struct endpoints *there = &flow->there.ends, *left = &flow->left.ends;

	return source ? memcmp(&left->src, &there->src, sizeof(left->src))
		      : memcmp(&left->dst, &there->dst, sizeof(left->dst));
}

/* aim - what the rule makes of @t; false: that is not known (MASQUERADE, a range) */
static bool aim(struct tuple *t, const struct nat_target *to)
{
	struct addr *addr = to->source ? &t->ends.src : &t->ends.dst;
	uint16_t *port = to->source ? &t->ends.sport : &t->ends.dport;
	bool one = (to->have & NAT_TARGET_ADDR) &&
		   !memcmp(&to->addr[0], &to->addr[1], sizeof(to->addr[0]));

	if (to->by_device && !to->source) /* at OUTPUT (nf_nat_redirect.c) */
		*addr = addr_loopback(addr_is_ip4(addr));
	else if (one)
		*addr = to->addr[0];
	else
		return false;
	if ((to->have & NAT_TARGET_PORT) && to->port[0] == to->port[1])
		*port = to->port[0];
	return true;
}

int flows_translated(struct flows *f, struct packet *p, const struct nat_target *to)
{
	struct tuple t;
	struct flow *flow;
	uint32_t mine, other;
	int direction;

	mine = flows_slot_by_no(f, p->flow);
	if (mine == NONE || !p->n_ends || (p->flags & PACKET_BACK) || p->has_quoted)
		return 0;
	flow = &f->recs[mine].flow;
	if (has_left_for(flow, to->source))
		return 0; /* an answer, or an earlier packet, has told */
	t = has_left_for(flow, !to->source) ? flow->left
					    : tuple_of(&p->first, &p->ends[p->n_ends - 1]);
	flow->nat_by = BY_RULESET;
	if (!aim(&t, to))
		return 0; /* the answer will tell */
	other = flows_find(f, p->scope, &t, &direction);
	if (other != NONE && other != mine)
		return 0; /* it has another port, or that flow is over */
	flow->left = t;
	flows_unknown_under(f, mine, 1);
	return flows_known_under(f, mine, 1, &t);
}

int flows_unturned(struct flows *f, struct packet *p, bool inferred)
{
	uint32_t mine = flows_slot_by_no(f, p->flow);
	uint32_t asked = mine == NONE ? NONE : flows_find_asked(f, mine, p);

	if (asked == NONE)
		return 0;
	if (flows_merge(f, asked, mine, true))
		return -ENOMEM;
	p->flow = f->recs[asked].flow.no;
	if (inferred)
		f->recs[asked].flow.nat_by = BY_INFERRED;
	flows_touch(f, asked);
	return 0;
}

/* Its flow may have been joined to another, the other way round, while it was open. */
static void settle_direction(const struct flow *flow, struct packet *p)
{
	struct tuple t = tuple_of(&p->first, &p->ends[0]);
	int direction = p->has_quoted || !p->n_ends ? -1 : flow_direction(flow, &t);

	if (direction >= 0)
		p->flags = (uint16_t)((p->flags & ~PACKET_BACK) | (direction ? PACKET_BACK : 0));
}

int flows_closed(struct flows *f, struct packet *p)
{
	uint32_t slot = flows_slot_by_no(f, p->flow);
	struct flow *flow;
	struct rec *r;
	bool sampled = false;

	if (slot == NONE)
		return 0;
	r = &f->recs[slot];
	flow = &r->flow;
	p->flow = flow->no;
	settle_direction(flow, p);
	for (int d = 0; d < 2; d++)
		if (r->newest[d] == p)
			r->newest[d] = NULL;
	if (flow_count(flow, p, f->samples < f->limits.max_samples, &sampled))
		return -ENOMEM;
	f->samples += sampled;
	return 0;
}
