/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outcome.c - what became of a packet, drawn from its path and from what would have been seen
 *
 * Theory of Operation
 *
 * The rules are those of semantics.md section 4, asked in their order; the first that has an
 * answer wins. A verdict that is known, from the trace or from the rule set, beats everything
 * but a loss. Where the verdict of the last hop is not known, only what must have followed can
 * tell: a legacy table that was seen anywhere exists at all its hooks, so an accepted packet
 * would have left a line there. nat is the exception: only the first packet of a connection
 * passes it, so it proves something only for a packet that was seen in nat before.
 *
 * Legacy tables speak only for packets that have a legacy hop, nft's chains only for those that
 * have one of nft's: the other's trace may not reach us at all.
 *
 * Three things may be taken for granted without a rule set: nat does not drop (iptables
 * refuses DROP there, as a target and as a policy), mangle's policy at POSTROUTING and INPUT
 * is ACCEPT unless somebody went out of his way, and a rule line as the last line of mangle
 * may be anything. So "policy" in mangle ends a way well where nothing else can follow, a rule
 * there does not.
 *
 * Of a packet that was only logged nothing of that tells. What the rule set has behind the LOG rule
 * stands in the path as its last hop, if it stops the packet, or beside it (behind.c).
 *
 * A bridge has hooks of its own with the same names: behind one of its chains only its own must
 * follow. IP's do where br_netfilter calls them, or where the frame is handed up, and neither is
 * seen before they are.
 */
#include "nfhop/trace.h"

#include <limits.h>

#include "next.h"

static void answer(struct decision *d, enum outcome outcome, enum certainty certainty,
		   enum reason reason)
{
	d->outcome = outcome;
	d->certainty = certainty;
	d->reason = reason;
}

static void unknown(struct decision *d, enum reason reason)
{
	answer(d, OUTCOME_UNKNOWN, CERTAINTY_NONE, reason);
}

static void missing(struct decision *d, const struct next *next)
{
	d->missing_hook = next->hook;
	d->missing_table = (int)next->table;
	d->missing_chain = next->chain;
}

static bool path_has_hook(const struct question *q, unsigned int hooks)
{
	for (size_t i = 0; i < q->n; i++)
		if (hooks & HOOK_BIT(paths_hop(q->paths, q->path, i).step->hook))
			return true;
	return false;
}

/* Nothing that must follow PREROUTING can be seen; is anything that may? */
static enum reason unseen_behind(const struct question *q)
{
	bool some = next_first_at(q, HOOK_INPUT).any || next_first_at(q, HOOK_FORWARD).any ||
		    next_first_at(q, HOOK_POSTROUTING).any;

	return some ? REASON_MAY_BE_UNSEEN : REASON_NOT_TRACED;
}

static bool end_is_known(const struct question *q)
{
	return q->end.by == BY_TRACE || q->end.by == BY_RULESET;
}

/* The last hop is as good as an accept: nat cannot drop, other policies rarely do. */
static bool end_passes(const struct question *q)
{
	if (q->end.verdict == VERDICT_ACCEPT)
		return true;
	return q->table == TABLE_NAT ||
	       (q->table == TABLE_MANGLE && q->end.step->kind == HOP_POLICY && !end_is_known(q));
}

static enum reason loss_reason(const struct question *q)
{
	return q->flags & PACKET_GAP ? REASON_GAP : REASON_CUT;
}

static bool by_loss(const struct question *q, struct decision *d)
{
	bool complete = q->last >= 0 && end_passes(q) && !next_in_hook(q).any &&
			(q->hook == HOOK_INPUT || q->hook == HOOK_POSTROUTING);

	if (q->last >= 0 && (q->flags & PACKET_MID_GAP) &&
	    paths_hop(q->paths, q->path, (size_t)q->last).depth) {
		unknown(d, REASON_MID_GAP); /* who called this chain may be what was lost */
		return true;
	}
	if (complete || q->last < 0 || !(q->flags & (PACKET_GAP | PACKET_CUT)))
		return false; /* nothing can have been lost behind the last hop of all */
	unknown(d, loss_reason(q));
	return true;
}

/* What evaluation came to behind the LOG rule, which is no stop, or perhaps one. */
static void by_beyond(const struct question *q, struct decision *d)
{
	struct path_hop beyond;

	if (paths_apart(q->paths, q->path)) {
		unknown(d, REASON_BEHIND_APART);
		return;
	}
	if (!paths_beyond(q->paths, q->path, &beyond))
		return;
	if (beyond.verdict == VERDICT_NONE)
		unknown(d, REASON_BEHIND_DOUBT);
	else if (beyond.verdict == VERDICT_ACCEPT)
		unknown(d, REASON_BEHIND_PASSES);
	else
		answer(d, OUTCOME_QUEUED, CERTAINTY_INFERRED, REASON_BEHIND_LOG);
}

/*
 * LOG lines only: what stands behind the LOG rule may have ended it, or a prefix that names its
 * rule states how that did.
 */
static bool by_logs_alone(const struct question *q, struct decision *d)
{
	struct path_hop end;

	if (q->last >= 0)
		return false;
	unknown(d, q->flags & (PACKET_GAP | PACKET_CUT) ? loss_reason(q) : REASON_ONLY_LOGGED);
	if (!q->n)
		return true;
	by_beyond(q, d);
	end = paths_hop(q->paths, q->path, q->n - 1);
	if (end.verdict != VERDICT_DROP && end.verdict != VERDICT_REJECT)
		return true;
	answer(d, end.verdict == VERDICT_DROP ? OUTCOME_DROPPED : OUTCOME_REJECTED,
	       end.by == BY_TRACE ? CERTAINTY_STATED : CERTAINTY_INFERRED,
	       end.step->have & STEP_BEHIND ? REASON_BEHIND_LOG
	       : end.by == BY_RULESET	    ? REASON_LOG_RULE
					    : REASON_PREFIX);
	d->stop = (int)q->n - 1;
	return true;
}

/* nft's trace calls a reject a drop; the rule's text, there or in the rule set, knows better. */
static bool is_reject(const struct question *q)
{
	return q->end.verdict == VERDICT_DROP && q->end.meaning->verdict == VERDICT_REJECT;
}

static enum certainty end_certainty(const struct question *q)
{
	return q->end.by == BY_TRACE ? CERTAINTY_STATED : CERTAINTY_RULESET;
}

static bool by_end(const struct question *q, struct decision *d)
{
	static const enum outcome ends[VERDICT_MAX] = {
		[VERDICT_DROP] = OUTCOME_DROPPED,
		[VERDICT_REJECT] = OUTCOME_REJECTED,
		[VERDICT_QUEUE] = OUTCOME_QUEUED,
		[VERDICT_STOLEN] = OUTCOME_QUEUED,
	};
	enum outcome outcome = ends[q->end.verdict];

	if (q->last < 0 || !end_is_known(q) || !outcome)
		return false;
	answer(d, outcome, end_certainty(q),
	       q->end.by == BY_TRACE ? REASON_STATED : REASON_RULESET);
	if (is_reject(q)) {
		d->outcome = OUTCOME_REJECTED;
		if (q->end.by == BY_TRACE && !q->end.meaning->told_reject) {
			d->certainty = CERTAINTY_RULESET;
			d->reason = REASON_STATED_DROP;
		}
	}
	d->stop = outcome == OUTCOME_QUEUED ? -1 : q->last;
	return true;
}

/* An ICMP error or RST left right after it. Before routing that was the kernel's own. */
static bool by_answer(const struct question *q, struct decision *d)
{
	if (!(q->flags & PACKET_ANSWERED) || end_is_known(q))
		return false;
	if (q->hook == HOOK_PREROUTING) {
		if (!next_behind_hook(q).any)
			return false; /* it may have gone on to a closed port, unseen */
		answer(d, OUTCOME_LOST, CERTAINTY_INFERRED, REASON_ANSWERED);
		d->lost_after = q->hook;
		return true;
	}
	/* in INPUT a closed port answers alike: only a table that must have followed tells */
	if (q->end.step->kind != HOP_RULE || q->hook == HOOK_POSTROUTING ||
	    (q->hook == HOOK_INPUT && !next_in_hook(q).any))
		return false;
	answer(d, OUTCOME_REJECTED, CERTAINTY_INFERRED, REASON_ANSWERED);
	d->stop = q->last;
	return true;
}

static enum outcome passed_as(const struct question *q)
{
	bool came_in = path_has_hook(q, HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_FORWARD));
	bool made_here = path_has_hook(q, HOOK_BIT(HOOK_OUTPUT));

	if (q->hook == HOOK_INPUT)
		return OUTCOME_DELIVERED;
	return came_in || (!made_here && (q->flags & PACKET_CAME_IN)) ? OUTCOME_FORWARDED
								      : OUTCOME_SENT;
}

/*
 * A packet that was only seen at POSTROUTING: made here, or did it come in? nft's trace has the
 * device where it has headers.
 */
static bool beginning_is_known(const struct question *q)
{
	bool shown = q->nft && (q->family != FAMILY_NONE || !(q->flags & PACKET_NO_START));

	return q->hook != HOOK_POSTROUTING || (q->flags & PACKET_CAME_IN) ||
	       path_has_hook(q, HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_FORWARD) |
					HOOK_BIT(HOOK_OUTPUT)) ||
	       shown;
}

/*
 * iptables and nftables both have rules, but one of them tells nothing of this packet: its trace
 * goes elsewhere, or is suppressed. Then it may be the one that ended it.
 */
static bool by_silence(const struct question *q, struct decision *d)
{
	if (!end_passes(q) || !may_end_silently(q))
		return false;
	unknown(d, q->silent == BACKEND_XT ? REASON_SILENT_LEGACY : REASON_SILENT_NFT);
	return true;
}

static bool by_last_table(const struct question *q, struct decision *d)
{
	if ((q->hook != HOOK_INPUT && q->hook != HOOK_POSTROUTING && q->hook != HOOK_EGRESS) ||
	    next_in_hook(q).any)
		return false;
	if (!end_passes(q))
		unknown(d, REASON_LAST_UNKNOWN);
	else if (q->layer == FAMILY_BRIDGE && q->hook == HOOK_INPUT)
		unknown(d, REASON_HANDED_UP);
	else if (!beginning_is_known(q))
		unknown(d, REASON_NO_START);
	else
		answer(d, passed_as(q), end_is_known(q) ? end_certainty(q) : CERTAINTY_INFERRED,
		       REASON_LAST_TABLE);
	return true;
}

/* From here on a hop is missing. What else could have kept it from being printed? */
static bool by_excuse(const struct question *q, struct decision *d)
{
	if (!next_in_hook(q).any && !next_behind_hook(q).any)
		return false;
	if (q->flags & PACKET_FRAGMENT)
		unknown(d, REASON_FRAGMENT);
	else if (q->flags & PACKET_SHORT)
		unknown(d, REASON_SHORT);
	else if (q->flags & PACKET_AMBIGUOUS)
		unknown(d, REASON_AMBIGUOUS);
	else
		return false;
	return true;
}

static void lost(const struct question *q, struct decision *d, enum reason reason)
{
	answer(d, OUTCOME_LOST, CERTAINTY_INFERRED, reason);
	d->lost_after = q->hook;
}

/* The kernel said that the table was full, and next it would have come to conntrack. */
static bool met_full_table(const struct question *q)
{
	return (q->flags & PACKET_CT_FULL) && q->priority < PRIORITY_CONNTRACK &&
	       (q->hook == HOOK_PREROUTING || q->hook == HOOK_OUTPUT);
}

/* It is known that the last hop accepted it. */
static bool by_accept(const struct question *q, struct decision *d)
{
	struct next next = next_in_hook(q);

	if (!end_is_known(q) || q->end.verdict != VERDICT_ACCEPT)
		return false;
	if (!next.any)
		next = next_behind_hook(q);
	missing(d, &next);
	if (next.any && (q->flags & PACKET_ANSWERED))
		lost(q, d, REASON_ANSWERED);
	else if (next.any && next.maybe)
		unknown(d, REASON_PERHAPS_NAT);
	else if (next.any)
		lost(q, d, met_full_table(q) ? REASON_CT_FULL : REASON_ROUTING);
	else if (q->hook == HOOK_PREROUTING)
		unknown(d, unseen_behind(q));
	else
		answer(d, passed_as(q), end_certainty(q), REASON_LAST_TABLE);
	return true;
}

/* By the rule set evaluation goes on behind the last hop, but it did not. */
static bool by_must_go_on(const struct question *q, struct decision *d)
{
	enum reach reach = verdict_reach(q->end.verdict);

	if (!end_is_known(q) || (reach != REACH_RULE && reach != REACH_CHAIN))
		return false;
	unknown(d, REASON_MUST_GO_ON);
	return true;
}

static void dropped(const struct question *q, struct decision *d, enum reason reason)
{
	answer(d, OUTCOME_DROPPED, CERTAINTY_INFERRED, reason);
	d->stop = q->last;
}

/*
 * A packet that mangle changed at OUTPUT is routed again right there, and ends if that fails
 * (ipt_mangle_out() of net/ipv4/netfilter/iptable_mangle.c, ip_route_me_harder()).
 */
static void cut_off(const struct question *q, struct decision *d, enum reason reason)
{
	if (q->rerouted)
		unknown(d, REASON_ROUTING_OR_RULE);
	else
		dropped(q, d, reason);
}

static bool by_missing_table(const struct question *q, struct decision *d)
{
	struct next next = next_in_hook(q);

	if (!next.any)
		return false;
	missing(d, &next);
	if (met_full_table(q))
		lost(q, d, REASON_CT_FULL);
	else if (q->table == TABLE_NAT && q->hook == HOOK_OUTPUT && q->end.step->kind == HOP_RULE)
		lost(q, d, REASON_ROUTING); /* it got a destination, which is routed again here */
	else if (q->table == TABLE_NAT || q->table == TABLE_MAX)
		unknown(d, REASON_LAST_UNKNOWN); /* nat does not drop: something else did */
	else
		cut_off(q, d, REASON_TABLE_MISSING);
	return true;
}

static bool by_missing_hook(const struct question *q, struct decision *d)
{
	struct next next = next_behind_hook(q);

	missing(d, &next);
	if (!next.any)
		unknown(d, q->hook == HOOK_PREROUTING ? unseen_behind(q) : REASON_LAST_UNKNOWN);
	else if (q->table == TABLE_MAX)
		unknown(d, REASON_LAST_UNKNOWN);
	else if (q->table == TABLE_NAT &&
		 (q->hook == HOOK_OUTPUT || q->end.step->kind == HOP_POLICY))
		lost(q, d, REASON_ROUTING);
	else if (q->hook != HOOK_PREROUTING)
		cut_off(q, d, REASON_HOOK_MISSING);
	else
		unknown(d, REASON_ROUTING_OR_RULE);
	return true;
}

static bool by_no_place(const struct question *q, struct decision *d)
{
	if (q->hook)
		return false;
	unknown(d, REASON_NO_HOOK);
	return true;
}

/* Which chains it would have met next depends on what it is, and no line shows its headers. */
static bool by_no_headers(const struct question *q, struct decision *d)
{
	if (q->family != FAMILY_NONE || !(q->flags & PACKET_NO_START))
		return false;
	unknown(d, REASON_NO_HEADERS);
	return true;
}

static bool (*const rules[])(const struct question *q, struct decision *d) = {
	by_end,	       by_loss,		 by_logs_alone,	  by_no_place,	 by_answer,
	by_must_go_on, by_silence,	 by_last_table,	  by_no_headers, by_excuse,
	by_accept,     by_missing_table, by_missing_hook,
};

/* Does hop @i begin the evaluation of a base chain, or of a legacy table's chains at a hook? */
static bool begins_base(const struct question *q, size_t i)
{
	const struct step *is = paths_hop(q->paths, q->path, i).step, *was;

	if (!i || (is->have & STEP_NFT))
		return !i || (is->have & STEP_FIRST);
	was = paths_hop(q->paths, q->path, i - 1).step;
	return (was->have & STEP_NFT) || was->hook != is->hook || was->table != is->table;
}

/* The base chain that the last hop was evaluated in: what is known of it, and since when. */
static void find_base(struct question *q)
{
	size_t i = (size_t)q->last;

	q->priority = INT_MAX;
	if (q->table != TABLE_MAX && q->hook)
		q->priority = table_priority(q->table, q->hook);
	for (;; i--) {
		struct path_hop h = paths_hop(q->paths, q->path, i);

		if (!q->base && !h.depth && h.step->table == q->end.step->table &&
		    h.meaning->chain && (h.meaning->chain->have & CHAIN_PRIORITY))
			q->base = h.meaning->chain;
		if (h.step->kind != HOP_LOG && begins_base(q, i))
			break;
		if (!i)
			break;
	}
	q->begin = i;
	if (q->base && q->table == TABLE_MAX)
		q->priority = chain_stands_at(q->base);
}

static bool hop_in_nat(const struct question *q, size_t i)
{
	const struct chain *chain = paths_hop(q->paths, q->path, i).meaning->chain;

	return chain && (chain->have & CHAIN_NAT);
}

/*
 * Will a packet that was seen in nat at @seen be seen there again? Only the first packet of a
 * connection, and over lo not once it came back in (formats.md 2.5).
 */
static bool nat_follows(enum hook hook, unsigned int seen)
{
	unsigned int first = HOOK_BIT(HOOK_PREROUTING);

	if (hook != HOOK_PREROUTING && hook != HOOK_INPUT)
		first |= HOOK_BIT(HOOK_OUTPUT);
	return seen & first;
}

/* see_bridge - the last hop was a bridge's: what was seen of IP's hooks tells nothing of its own */
static void see_bridge(struct question *q)
{
	q->layer = FAMILY_BRIDGE;
	q->tables = q->nft_hooks = 0;
	q->away = false; /* it goes by the frame's address, not by the packet's */
}

/*
 * Does hop @i, behind hop @last, come back in by lo? To nftables that is another packet. (Lines of
 * the kernel's log are taken apart there, too, but where they are read before nft's events.)
 */
static bool comes_back(const struct question *q, int last, size_t i)
{
	const unsigned int out = HOOK_BIT(HOOK_OUTPUT) | HOOK_BIT(HOOK_POSTROUTING);
	const unsigned int in = HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_INPUT);

	return last >= 0 &&
	       (HOOK_BIT(paths_hop(q->paths, q->path, (size_t)last).step->hook) & out) &&
	       (HOOK_BIT(paths_hop(q->paths, q->path, i).step->hook) & in);
}

static void find_end(struct question *q)
{
	unsigned int nat = 0; /* hooks where it was seen in nat */
	bool legacy = false;

	q->last = -1;
	for (size_t i = 0; i < q->n; i++) {
		enum table_no table = paths_table(q->paths, q->path, i);

		if (!step_was_traced(paths_hop(q->paths, q->path, i).step))
			continue;
		if (comes_back(q, q->last, i))
			q->nft = q->nft_nat = false;
		q->last = (int)i;
		q->nft |= table == TABLE_MAX;
		legacy |= table != TABLE_MAX;
		if (table == TABLE_NAT)
			nat |= HOOK_BIT(paths_hop(q->paths, q->path, i).step->hook);
		q->nft_nat |= hop_in_nat(q, i);
	}
	if (!legacy || !q->nft)
		q->silent = legacy ? BACKEND_NFT : BACKEND_XT;
	if (!legacy)
		q->tables = 0;
	if (!q->nft || paths_rules_of(q->paths, q->path))
		q->nft_hooks = 0; /* the rule set knows which chains there are */
	if (q->last < 0)
		return;
	q->end = paths_hop(q->paths, q->path, (size_t)q->last);
	q->hook = q->end.step->hook;
	q->table = paths_table(q->paths, q->path, (size_t)q->last);
	find_base(q);
	if (!nat_follows(q->hook, nat))
		q->tables &= ~TABLE_BIT(TABLE_NAT);
	if (q->end.step->family == FAMILY_BRIDGE)
		see_bridge(q);
}

/*
 * A bridge sends copies of a frame to several ports, each with a trace id of its own. (Of a packet
 * that IP sends in fragments each is told of like that, too.)
 */
static bool begins_late(const struct question *q)
{
	const unsigned int cut = PACKET_NO_START | PACKET_FRAGMENT | PACKET_MID_GAP;
	const struct step *first;

	if (!q->n || (q->flags & cut))
		return false;
	first = paths_hop(q->paths, q->path, 0).step;
	return first->family == FAMILY_BRIDGE && (first->have & STEP_FIRST) &&
	       (first->hook == HOOK_FORWARD || first->hook == HOOK_OUTPUT);
}

/* A table in the dump can be seen even if no packet was seen in it yet. */
static unsigned int tables_in(const struct ruleset *set, enum family family)
{
	unsigned int tables = 0;

	for (int t = 0; set && t < TABLE_MAX; t++)
		if (ruleset_table(set, BACKEND_XT, family, str_from(table_name((enum table_no)t))))
			tables |= TABLE_BIT(t);
	return tables;
}

void outcome_decide(const struct paths *paths, uint32_t path, unsigned int flags,
		    const struct visible *visible, struct decision *d)
{
	struct question q = {
		.paths = paths,
		.path = path,
		.n = paths_length(paths, path),
		.flags = flags,
		.family = visible->family,
		.layer = visible->family,
		.tables = visible->tables | tables_in(paths_rules_of(paths, path), visible->family),
		.nft_hooks = visible->nft_hooks,
		.away = visible->away,
	};

	*d = (struct decision){ .stop = -1, .missing_table = (int)TABLE_MAX };
	find_end(&q);
	q.rerouted = visible->rerouted && q.hook == HOOK_OUTPUT && q.table == TABLE_MANGLE;
	d->at = q.hook;
	d->late = begins_late(&q);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i](&q, d))
			break;
	if ((flags & PACKET_AMBIGUOUS) && d->certainty > CERTAINTY_INFERRED)
		d->certainty = CERTAINTY_INFERRED;
}
