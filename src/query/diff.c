/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff.c - two captures compared: which flows take another way now
 *
 * Every path of every flow becomes an entry under its conversation; entries are sorted, so that
 * those of a conversation stand together in both captures. Within a conversation and a direction
 * the distinct ways of one side are held against those of the other. Ways that are on both sides
 * are no difference, however many packets took them; of the others the first of one side is shown
 * beside the first of the other.
 */
#include "nfhop/diff.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/grow.h"

#include "part.h"

#define PRIVILEGED 1024

/**
 * struct entry - one path of one flow; once those of a way are joined, one way
 * @paired: the other side has it, too
 * @unclear: its way is not fully known: it is not compared, but somebody did go there
 * @refuses: it is no answer, but says that there will be none
 */
struct entry {
	struct conversation key;
	bool back, paired, unclear, refuses;
	enum outcome outcome;
	struct diff_way way;
};

struct entries {
	struct entry *at;
	size_t n;
};

#define UNCLEAR (PACKET_GAP | PACKET_MID_GAP | PACKET_CUT | PACKET_NO_START | PACKET_AMBIGUOUS)

/* ---- conversations ---- */

/* The first packet that was seen may have been an answer. */
static bool is_turned(const struct flow *flow)
{
	bool opened = tcp_opens(flow->first_flags);
	const struct endpoints *e = &flow->there.ends;

	if ((flow->first_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return true;
	return !opened && flow->there.ports && e->sport < PRIVILEGED && e->dport >= PRIVILEGED;
}

/* ICMP's echo ids are no ports. */
static bool has_ports(const struct flow *flow)
{
	return flow->there.ports && flow->there.proto != 1 && flow->there.proto != 58;
}

static bool other_server(const struct flow *flow, const struct endpoints *a,
			 const struct endpoints *b)
{
	return memcmp(&a->dst, &b->dst, sizeof(a->dst)) ||
	       (has_ports(flow) && a->dport != b->dport);
}

/* NAT_SRC: of its address; NAT_DST: of its address or port */
static unsigned int translated(const struct diff_way *way)
{
	const struct endpoints *e = &way->flow->there.ends, *f = &way->flow->left.ends;

	if (!diff_shows_target(way))
		return 0;
	return (memcmp(&e->src, &f->src, sizeof(e->src)) ? NAT_SRC : 0) |
	       (other_server(way->flow, e, f) ? NAT_DST : 0);
}

bool diff_shows_target(const struct diff_way *way)
{
	return way->fp && !way->fp->back && way->flow->nat_by == BY_TRACE && !is_turned(way->flow);
}

static struct conversation conversation_of(const struct flow *flow, bool turned)
{
	const struct endpoints *e = &flow->there.ends;
	struct conversation key = {
		.client = turned ? e->dst : e->src,
		.server = turned ? e->src : e->dst,
		.proto = flow->there.proto,
		.family = flow->there.family,
		.known = flow->there.known,
	};

	if (has_ports(flow))
		key.port = turned ? e->sport : e->dport;
	return key;
}

static int compare_keys(const struct conversation *a, const struct conversation *b)
{
	int c = memcmp(&a->client, &b->client, sizeof(a->client));

	c = c ? c : memcmp(&a->server, &b->server, sizeof(a->server));
	c = c ? c : (a->family > b->family) - (a->family < b->family);
	c = c ? c : (a->known > b->known) - (a->known < b->known);
	c = c ? c : (a->proto > b->proto) - (a->proto < b->proto);
	return c ? c : (a->port > b->port) - (a->port < b->port);
}

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = compare_keys(&x->key, &y->key);

	c = c ? c : x->back - y->back;
	c = c ? c : (x->way.flow->no > y->way.flow->no) - (x->way.flow->no < y->way.flow->no);
	return c ? c : (x->way.fp > y->way.fp) - (x->way.fp < y->way.fp);
}

static size_t count_paths(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < model_flow_count(m); i++)
		n += model_flow_at(m, i) ? model_flow_at(m, i)->n_paths : 0;
	return n;
}

static void add_flow(struct entries *all, const struct model *m, const struct flow *flow,
		     uint64_t *unclear)
{
	bool turned = is_turned(flow);

	for (uint32_t k = 0; k < flow->n_paths; k++) {
		const struct flow_path *fp = &flow->paths[k];
		struct entry *entry = &all->at[all->n];
		struct decision d;

		if (!model_path_shown(m, flow, fp))
			continue;
		model_decide_path(m, flow, fp, &d);
		*entry = (struct entry){
			.key = conversation_of(flow, turned),
			.back = fp->back != turned,
			.outcome = d.outcome,
			.unclear = (fp->flags & UNCLEAR) || d.outcome == OUTCOME_UNKNOWN,
			.refuses = fp->back != turned && (fp->flags & PACKET_ERROR),
			.way = { flow, fp, fp->packets, 0 },
		};
		*unclear += entry->unclear ? fp->packets : 0;
		all->n++;
	}
}

static int collect(struct entries *all, const struct model *m, uint64_t *unclear)
{
	*all = (struct entries){ .at = calloc(count_paths(m) + 1, sizeof(*all->at)) };
	if (!all->at)
		return -ENOMEM;
	for (size_t i = 0; i < model_flow_count(m); i++)
		if (model_flow_at(m, i))
			add_flow(all, m, model_flow_at(m, i), unclear);
	qsort(all->at, all->n, sizeof(*all->at), by_key);
	return 0;
}

/* ---- ways ---- */

/*
 * Address translation by the same rule led elsewhere. Only what is translated in both is compared:
 * what stands unchanged may not have been seen. Source ports are another each time.
 */
static bool goes_elsewhere(const struct entry *a, const struct entry *b)
{
	const struct endpoints *e = &a->way.flow->left.ends, *f = &b->way.flow->left.ends;
	unsigned int both = translated(&a->way) & translated(&b->way);

	if ((both & NAT_SRC) && memcmp(&e->src, &f->src, sizeof(e->src)))
		return true;
	return (both & NAT_DST) && other_server(a->way.flow, e, f);
}

/* part - where two ways part; Return: do they? @common: hops that they share */
static bool part(const struct model *const m[2], struct entry *a, struct entry *b, size_t *common)
{
	struct parting at;
	bool parts = paths_part(m, a->way.fp->path, b->way.fp->path, &at);

	a->way.hop = at.hop[0];
	b->way.hop = at.hop[1];
	*common = at.common;
	return parts || a->outcome != b->outcome || a->refuses != b->refuses ||
	       goes_elsewhere(a, b);
}

/* One entry a way: those of the same path and outcome are joined. Return: how many are left */
static size_t join_ways(struct entry *at, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < kept &&
		       (at[k].way.fp->path != at[i].way.fp->path ||
			at[k].outcome != at[i].outcome || at[k].unclear != at[i].unclear ||
			at[k].refuses != at[i].refuses || goes_elsewhere(&at[k], &at[i])))
			k++;
		if (k < kept)
			at[k].way.packets += at[i].way.packets;
		else
			at[kept++] = at[i];
	}
	return kept;
}

/* ---- differences ---- */

/* struct side - the entries of one conversation and one direction */
struct side {
	struct entry *at;
	size_t n;
};

static struct entry *first_unpaired(const struct side *side)
{
	for (size_t i = 0; i < side->n; i++)
		if (!side->at[i].paired && !side->at[i].unclear)
			return &side->at[i];
	return NULL;
}

static int add_row(struct diff *diff, const struct entry *a, const struct entry *b, size_t common)
{
	const struct entry *some = a ? a : b;
	struct diff_row *rows = array_grow(diff->rows, diff->n, &diff->cap, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	diff->rows = rows;
	rows[diff->n++] = (struct diff_row){
		.key = some->key,
		.back = some->back,
		.common = common,
		.way = { a ? a->way : (struct diff_way){ 0 }, b ? b->way : (struct diff_way){ 0 } },
	};
	return 0;
}

static bool has_clear(const struct side *side)
{
	for (size_t i = 0; i < side->n; i++)
		if (!side->at[i].unclear)
			return true;
	return false;
}

static void pair_equal(struct diff *diff, const struct side *a, const struct side *b)
{
	size_t common;

	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (!a->at[i].unclear && !b->at[k].unclear &&
			    !part(diff->model, &a->at[i], &b->at[k], &common))
				a->at[i].paired = b->at[k].paired = true;
}

/* Return: one of them, if all of them refuse for certain */
static struct entry *only_refuses(const struct side *side)
{
	for (size_t i = 0; i < side->n; i++)
		if (!side->at[i].refuses || side->at[i].unclear)
			return NULL;
	return side->n ? side->at : NULL;
}

/*
 * Ways of one side alone are no difference by themselves: a capture may hold a packet less. But
 * a direction that nobody takes any more, or takes now, is one; answers beside a refusal, too,
 * where the other side only refuses.
 */
static int compare_side(struct diff *diff, struct side *a, struct side *b)
{
	struct entry *x, *y;
	size_t common = 0;

	a->n = join_ways(a->at, a->n);
	b->n = join_ways(b->at, b->n);
	pair_equal(diff, a, b);
	x = first_unpaired(a);
	y = first_unpaired(b);
	if (x && !y && !x->refuses)
		y = only_refuses(b);
	if (y && !x && !y->refuses)
		x = only_refuses(a);
	if (x && y) {
		part(diff->model, x, y, &common);
		return add_row(diff, x, y, common);
	}
	if ((x && !b->n) || (y && !a->n))
		return add_row(diff, x, y, 0);
	return 0;
}

/* Takes the entries of @key and direction off the front of @rest. */
static struct side take_side(struct entries *rest, const struct conversation *key, bool back)
{
	struct side side = { rest->at, 0 };

	while (rest->n && !compare_keys(&rest->at->key, key) && rest->at->back == back) {
		rest->at++;
		rest->n--;
		side.n++;
	}
	return side;
}

static int compare_conversation(struct diff *diff, struct entries rest[2],
				const struct conversation *key, bool matched)
{
	size_t before = diff->n;
	bool compared = false;
	int err = 0;

	for (int back = 0; back < 2 && !err; back++) {
		struct side a = take_side(&rest[0], key, back), b = take_side(&rest[1], key, back);

		compared |= has_clear(&a) && has_clear(&b);
		if (matched)
			err = compare_side(diff, &a, &b);
	}
	diff->matched += matched && (compared || diff->n > before);
	diff->vague += matched && !compared && diff->n == before;
	return err;
}

static int compare_all(struct diff *diff, struct entries rest[2])
{
	int err = 0;

	while ((rest[0].n || rest[1].n) && !err) {
		int c = !rest[0].n   ? 1
			: !rest[1].n ? -1
				     : compare_keys(&rest[0].at->key, &rest[1].at->key);
		struct conversation key = c > 0 ? rest[1].at->key : rest[0].at->key;

		diff->only[0] += c < 0;
		diff->only[1] += c > 0;
		err = compare_conversation(diff, rest, &key, !c);
	}
	return err;
}

int diff_draw(struct diff *diff, const struct model *before, const struct model *after)
{
	struct entries all[2] = { { 0 } }, rest[2];
	int err;

	*diff = (struct diff){ .model = { before, after } };
	err = collect(&all[0], before, &diff->unclear[0]);
	if (!err)
		err = collect(&all[1], after, &diff->unclear[1]);
	rest[0] = all[0];
	rest[1] = all[1];
	if (!err)
		err = compare_all(diff, rest);
	free(all[0].at);
	free(all[1].at);
	return err;
}

void diff_finish(struct diff *diff)
{
	free(diff->rows);
	*diff = (struct diff){ 0 };
}
