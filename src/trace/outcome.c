/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outcome.c - what became of a packet, drawn from its path and from what would have been seen
 *
 * Theory of Operation
 *
 * The rules are those of semantics.md section 4, asked in their order; the first that has an
 * answer wins. A stated verdict beats everything but a loss. Where the verdict of the last hop
 * is not known, only what must have followed can tell: a legacy table that was seen anywhere
 * exists at all its hooks, so an accepted packet would have left a line there. nat is the
 * exception: only the first packet of a connection passes it, so it proves something only for
 * a packet that was seen in nat before.
 *
 * Three things may be taken for granted without a rule set: nat does not drop (iptables
 * refuses DROP there, as a target and as a policy), mangle's policy at POSTROUTING and INPUT
 * is ACCEPT unless somebody went out of his way, and a rule line as the last line of mangle
 * may be anything. So "policy" in mangle ends a way well where nothing else can follow, a rule
 * there does not.
 */
#include "nfhop/trace.h"

struct question {
	const struct paths *paths;
	uint32_t path;
	size_t n;
	unsigned int flags;
	unsigned int tables; /* visible ones, nat only if this packet must pass it */
	int last;	     /* index of the last placed hop, -1 if there are only LOG lines */
	struct path_hop end;
	enum hook hook;
	enum table_no table;
};

static bool path_has_nat(const struct question *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (paths_table(q->paths, q->path, i) == TABLE_NAT)
			return true;
	return false;
}

static bool path_has_hook(const struct question *q, unsigned int hooks)
{
	for (size_t i = 0; i < q->n; i++)
		if (hooks & HOOK_BIT(paths_hop(q->paths, q->path, i).step->hook))
			return true;
	return false;
}

/* The first visible table behind the last hop's in the same hook, TABLE_MAX if there is none. */
static enum table_no next_table(const struct question *q)
{
	enum table_no next = TABLE_MAX;
	int at = table_priority(q->table, q->hook);

	for (int t = 0; t < TABLE_MAX; t++) {
		int priority = table_priority((enum table_no)t, q->hook);

		if (!(q->tables & TABLE_BIT(t)) || priority <= at ||
		    !(table_hooks((enum table_no)t) & HOOK_BIT(q->hook)))
			continue;
		if (next == TABLE_MAX || priority < table_priority(next, q->hook))
			next = (enum table_no)t;
	}
	return next;
}

/* Can a table be seen at @hook? */
static bool hook_visible(const struct question *q, enum hook hook)
{
	for (int t = 0; t < TABLE_MAX; t++)
		if ((q->tables & TABLE_BIT(t)) && (table_hooks((enum table_no)t) & HOOK_BIT(hook)))
			return true;
	return false;
}

/* A later hook that any accepted packet would have been seen at, HOOK_NONE if there is none. */
static enum hook next_hook(const struct question *q)
{
	switch (q->hook) {
	case HOOK_PREROUTING: /* one of the two must follow; FORWARD stands for both */
		return hook_visible(q, HOOK_INPUT) && hook_visible(q, HOOK_FORWARD) ? HOOK_FORWARD
										    : HOOK_NONE;
	case HOOK_FORWARD:
	case HOOK_OUTPUT:
		return hook_visible(q, HOOK_POSTROUTING) ? HOOK_POSTROUTING : HOOK_NONE;
	default:
		return HOOK_NONE;
	}
}

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

static bool by_loss(const struct question *q, struct decision *d)
{
	if (!(q->flags & (PACKET_GAP | PACKET_CUT)))
		return false;
	unknown(d, q->flags & PACKET_GAP ? REASON_GAP : REASON_CUT);
	return true;
}

static bool by_logs_alone(const struct question *q, struct decision *d)
{
	if (q->last >= 0)
		return false;
	unknown(d, REASON_ONLY_LOGGED);
	return true;
}

static bool by_stated_end(const struct question *q, struct decision *d)
{
	static const enum outcome ends[VERDICT_MAX] = {
		[VERDICT_DROP] = OUTCOME_DROPPED,
		[VERDICT_REJECT] = OUTCOME_REJECTED,
		[VERDICT_QUEUE] = OUTCOME_QUEUED,
		[VERDICT_STOLEN] = OUTCOME_QUEUED,
	};

	if (q->end.by != BY_TRACE || !ends[q->end.verdict])
		return false;
	answer(d, ends[q->end.verdict], CERTAINTY_STATED, REASON_STATED);
	d->stop = q->last;
	return true;
}

/* An ICMP error or RST left right after it. Before routing that was the kernel's own. */
static bool by_answer(const struct question *q, struct decision *d)
{
	bool rule = q->end.step->kind == HOP_RULE;

	if (!(q->flags & PACKET_ANSWERED))
		return false;
	if (q->hook == HOOK_PREROUTING) {
		answer(d, OUTCOME_LOST, CERTAINTY_INFERRED, REASON_ANSWERED);
		d->lost_after = q->hook;
		return true;
	}
	/* in INPUT a closed port answers alike: only a table that must have followed tells */
	if (!rule || (q->hook == HOOK_INPUT && next_table(q) == TABLE_MAX) ||
	    q->hook == HOOK_POSTROUTING)
		return false;
	answer(d, OUTCOME_REJECTED, CERTAINTY_INFERRED, REASON_ANSWERED);
	d->stop = q->last;
	return true;
}

/* The last hop is as good as an accept: nat cannot drop, other policies rarely do. */
static bool end_passes(const struct question *q)
{
	if (q->end.verdict == VERDICT_ACCEPT)
		return true;
	return q->table == TABLE_NAT ||
	       (q->table == TABLE_MANGLE && q->end.step->kind == HOP_POLICY);
}

static bool by_last_table(const struct question *q, struct decision *d)
{
	bool came_in = path_has_hook(q, HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_FORWARD));
	bool made_here = path_has_hook(q, HOOK_BIT(HOOK_OUTPUT));
	enum outcome outcome = OUTCOME_DELIVERED;

	if (q->hook != HOOK_INPUT && q->hook != HOOK_POSTROUTING)
		return false;
	if (next_table(q) != TABLE_MAX)
		return false;
	if (!end_passes(q)) {
		unknown(d, REASON_LAST_UNKNOWN);
		return true;
	}
	if (q->hook == HOOK_POSTROUTING)
		outcome = came_in || (!made_here && (q->flags & PACKET_CAME_IN)) ? OUTCOME_FORWARDED
										 : OUTCOME_SENT;
	answer(d, outcome, q->end.by == BY_TRACE ? CERTAINTY_STATED : CERTAINTY_INFERRED,
	       REASON_LAST_TABLE);
	return true;
}

/* From here on a hop is missing. What else could have kept it from being printed? */
static bool by_excuse(const struct question *q, struct decision *d)
{
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

static void dropped(const struct question *q, struct decision *d, enum reason reason)
{
	answer(d, OUTCOME_DROPPED, CERTAINTY_INFERRED, reason);
	d->stop = q->last;
}

static bool by_missing_table(const struct question *q, struct decision *d)
{
	enum table_no next = next_table(q);

	if (next == TABLE_MAX)
		return false;
	d->missing_table = (int)next;
	d->missing_hook = q->hook;
	if (q->table == TABLE_RAW && (q->flags & PACKET_CT_FULL)) {
		answer(d, OUTCOME_LOST, CERTAINTY_INFERRED, REASON_CT_FULL);
		d->lost_after = q->hook;
	} else if (q->table == TABLE_NAT) {
		unknown(d, REASON_LAST_UNKNOWN); /* nat does not drop: something else did */
	} else {
		dropped(q, d, REASON_TABLE_MISSING);
	}
	return true;
}

static bool by_missing_hook(const struct question *q, struct decision *d)
{
	enum hook next = next_hook(q);

	if (next == HOOK_NONE) {
		unknown(d, q->hook == HOOK_PREROUTING ? REASON_NOT_TRACED : REASON_LAST_UNKNOWN);
		return true;
	}
	d->missing_hook = next;
	if (q->hook != HOOK_PREROUTING) {
		dropped(q, d, REASON_HOOK_MISSING);
	} else if (q->table == TABLE_NAT && q->end.step->kind == HOP_POLICY) {
		answer(d, OUTCOME_LOST, CERTAINTY_INFERRED, REASON_ROUTING);
		d->lost_after = q->hook;
	} else {
		unknown(d, REASON_ROUTING_OR_RULE);
	}
	return true;
}

static bool (*const rules[])(const struct question *q, struct decision *d) = {
	by_loss,       by_logs_alone, by_stated_end,	by_answer,
	by_last_table, by_excuse,     by_missing_table, by_missing_hook,
};

static void find_end(struct question *q)
{
	q->last = -1;
	for (size_t i = 0; i < q->n; i++)
		if (paths_hop(q->paths, q->path, i).step->kind != HOP_LOG)
			q->last = (int)i;
	if (q->last < 0)
		return;
	q->end = paths_hop(q->paths, q->path, (size_t)q->last);
	q->hook = q->end.step->hook;
	q->table = paths_table(q->paths, q->path, (size_t)q->last);
}

void outcome_decide(const struct paths *paths, uint32_t path, unsigned int flags,
		    const struct visible *visible, struct decision *d)
{
	struct question q = {
		.paths = paths,
		.path = path,
		.n = paths_length(paths, path),
		.flags = flags,
		.tables = visible->tables,
	};

	*d = (struct decision){ .stop = -1, .missing_table = (int)TABLE_MAX };
	find_end(&q);
	d->at = q.hook;
	if (!path_has_nat(&q))
		q.tables &= ~TABLE_BIT(TABLE_NAT);
	if (q.last >= 0 && (q.table == TABLE_MAX || !q.hook) && !by_loss(&q, d) &&
	    !by_stated_end(&q, d)) {
		unknown(d, REASON_LAST_UNKNOWN); /* nothing is known of what can follow */
		return;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i](&q, d))
			break;
	if ((flags & PACKET_AMBIGUOUS) && d->certainty > CERTAINTY_INFERRED)
		d->certainty = CERTAINTY_INFERRED;
}
