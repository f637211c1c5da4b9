// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * map.c - what stands in the boxes of the map
 *
 * Of each hook first the chains that there are: by the rule set, if there is one; else the
 * tables that iptables has there, if it is iptables that traced. Then the hops of the packet
 * are put where they belong. Conntrack stands where it is in the kernel
 * (NF_IP_PRI_CONNTRACK: after raw, before mangle), because so much depends on it.
 */
#include "map.h"

#include <stdio.h>

#include "nfhop/trace.h"

#define NO_TABLE "LOG"

static void name_chain(char *name, enum hook hook, struct str apart, struct str table,
		       struct str chain)
{
	bool named = str_eq(chain, str_from(hook_title(hook))) || !chain.n;

	snprintf(name, MAP_NAME_SIZE, "%.*s%s%.*s%s%.*s", STR_ARG(apart), apart.n ? " " : "",
		 STR_ARG(table), named ? "" : " ", named ? 0 : (int)chain.n, chain.p);
}

static struct map_line *add_line(struct map_box *box, const char *name)
{
	struct map_line *line;

	if (box->n == MAP_LINES_MAX)
		return NULL;
	line = &box->lines[box->n++];
	*line = (struct map_line){ .state = MAP_DIM };
	snprintf(line->name, sizeof(line->name), "%s", name);
	return line;
}

static bool has_conntrack(enum hook hook)
{
	return hook == HOOK_PREROUTING || hook == HOOK_OUTPUT;
}

/* The first hop in the base chain @chain; scene->n_hops if there is none. */
static size_t first_in(const struct model *model, const struct scene *scene,
		       const struct chain *chain)
{
	size_t i = 0;

	for (; i < scene->n_hops; i++) {
		struct hop_view hop;

		way_hop(model, &scene->way, i, &hop);
		if (hop.hook == chain->hook && !hop.depth && hop.kind != HOP_LOG &&
		    hop.family == chain->table->family && str_eq(hop.table, chain->table->name) &&
		    chain->table->backend != (hop.nft ? BACKEND_XT : BACKEND_NFT) &&
		    str_eq(hop.chain, chain->name))
			break;
	}
	return i;
}

/* Is @late, which stands behind @chains[0 .. n), known to come behind all of them? */
static bool must_stay(const struct chain *const *chains, size_t n, const struct chain *late)
{
	for (size_t i = 0; i < n; i++)
		if (chain_order(chains[i], late) == ORDER_BEFORE)
			return true;
	return false;
}

/* Did nftables tell of the packet before it came to @hook? Then of all its chains there. */
static bool told_before(const struct model *model, const struct scene *scene, enum hook hook)
{
	for (size_t i = 0; i < scene->n_hops; i++) {
		struct hop_view hop;

		way_hop(model, &scene->way, i, &hop);
		if (hop.hook == hook)
			break;
		if (hop.nft && hop.kind != HOP_LOG)
			return true;
	}
	return false;
}

/*
 * Where the rule set does not tell the order of two chains, the packet does: it met one before the
 * other, or one only, although it would have been seen in the other, had that come first.
 */
static size_t order_chains(const struct chain **to, struct chain_list list,
			   const struct model *model, const struct scene *scene)
{
	size_t n = list.n < MAP_LINES_MAX ? list.n : MAP_LINES_MAX, met[MAP_LINES_MAX + 1];
	bool told = n && told_before(model, scene, list.at[0]->hook);

	for (size_t k = 0; k < n; k++) {
		const struct chain *chain = list.at[k];
		size_t seen = first_in(model, scene, chain), i = 0;
		bool shown = told && chain->table->backend == BACKEND_NFT &&
			     !chain_is_of_nat(chain);

		while (i < k && (met[i] <= seen || must_stay(&to[i], k - i, chain)))
			i++;
		memmove(&to[i + 1], &to[i], (k - i) * sizeof(*to));
		memmove(&met[i + 1], &met[i], (k - i) * sizeof(*met));
		to[i] = chain;
		met[i] = seen < scene->n_hops || shown ? seen : 0;
	}
	return n;
}

static void add_chains(struct map_box *box, const struct ruleset *rules, enum family family,
		       const struct model *model, const struct scene *scene)
{
	const struct chain *chains[MAP_LINES_MAX + 1];
	size_t n = order_chains(chains, ruleset_hook_chains(rules, family, box->hook), model,
				scene);
	bool conntrack = !has_conntrack(box->hook);
	char name[MAP_NAME_SIZE];

	for (size_t i = 0; i < n; i++) {
		const struct table *table;
		struct map_line *line;

		if (!conntrack && chain_stands_at(chains[i]) > PRIORITY_CONNTRACK) {
			add_line(box, "conntrack");
			conntrack = true;
		}
		table = chains[i]->table;
		name_chain(name, box->hook,
			   model_apart(model, table->backend, table->family, table->name),
			   table->name, chains[i]->name);
		line = add_line(box, name);
		if (line)
			line->chain = chains[i];
	}
	if (!conntrack)
		add_line(box, "conntrack");
}

/* In the order of their priorities at this hook; security is rare: only if it is seen. */
static void add_tables(struct map_box *box)
{
	bool conntrack = !has_conntrack(box->hook);

	for (int done = -1000000;;) {
		enum table_no next = TABLE_MAX;

		for (unsigned int t = 0; t < TABLE_MAX; t++)
			if (t != TABLE_SECURITY &&
			    (table_hooks((enum table_no)t) & HOOK_BIT(box->hook)) &&
			    table_priority((enum table_no)t, box->hook) > done &&
			    (next == TABLE_MAX || table_priority((enum table_no)t, box->hook) <
							  table_priority(next, box->hook)))
				next = (enum table_no)t;
		if (next == TABLE_MAX)
			break;
		done = table_priority(next, box->hook);
		if (!conntrack && done > PRIORITY_CONNTRACK) {
			add_line(box, "conntrack");
			conntrack = true;
		}
		add_line(box, table_name(next));
	}
}

static bool is_nft(const struct model *model, const struct scene *scene)
{
	for (size_t i = 0; i < scene->n_hops; i++) {
		struct hop_view hop;

		way_hop(model, &scene->way, i, &hop);
		if (hop.handle || hop.family == FAMILY_INET || hop.family == FAMILY_NETDEV)
			return true;
	}
	return false;
}

static size_t find_line(const struct map_box *box, const char *name)
{
	size_t i = 0;

	while (i < box->n && strcmp(box->lines[i].name, name))
		i++;
	return i;
}

/* A line more behind line @at, for another hop of the same base chain. */
static struct map_line *insert_line(struct map_box *box, size_t at)
{
	if (box->n == MAP_LINES_MAX)
		return NULL;
	memmove(&box->lines[at + 2], &box->lines[at + 1],
		(box->n - at - 1) * sizeof(box->lines[0]));
	box->n++;
	box->lines[at + 1] = (struct map_line){ .state = MAP_DIM, .chain = box->lines[at].chain };
	return &box->lines[at + 1];
}

/* The last line that belongs to the base chain of line @at. */
static size_t last_of(const struct map_box *box, size_t at)
{
	while (at + 1 < box->n && !box->lines[at + 1].name[0])
		at++;
	return at;
}

static void put_hop(struct map_box *box, const struct scene *scene, const struct hop_view *hop,
		    size_t i, const char *name, bool all)
{
	size_t at = find_line(box, name);
	struct map_line *line;

	if (at == box->n && !add_line(box, name))
		return;
	line = &box->lines[at];
	if (all && line->state >= MAP_HIT)
		line = insert_line(box, last_of(box, at));
	if (!line)
		return;
	if (line->state < MAP_HIT)
		line->first = i;
	line->hop = i;
	line->depth = hop->depth;
	line->bridged = hop->family == FAMILY_BRIDGE;
	line->state = scene->d.stop == (int)i ? MAP_STOP : MAP_HIT;
	box->reached = true;
	box->stop |= line->state == MAP_STOP;
}

static void put_hops(struct map_box *box, const struct model *model, const struct scene *scene,
		     bool all)
{
	struct str base = { NULL, 0 }, table = { NULL, 0 };
	size_t apart = 0;
	char name[MAP_NAME_SIZE];

	for (size_t i = 0; i < scene->n_hops; i++) {
		struct hop_view hop;

		way_hop(model, &scene->way, i, &hop);
		if (hop.hook != box->hook)
			continue;
		if (!hop.depth || !str_eq(hop.table, table) || hop.apart.n != apart) {
			apart = hop.apart.n;
			base = hop.depth ? (struct str){ NULL, 0 } : hop.chain;
			table = hop.table;
		}
		if (hop.table.n)
			name_chain(name, box->hook, hop.apart, table, base);
		else
			snprintf(name, sizeof(name), NO_TABLE);
		put_hop(box, scene, &hop, i, name, all);
	}
}

/* Of a LOG line nobody knows in which table it was; a bridge's chains stand behind IP's. */
static bool shows_passed(const struct map_line *line)
{
	return line->state >= MAP_HIT && !line->bridged && strcmp(line->name, NO_TABLE) != 0;
}

/* What is known to come before a hop in a hook that was reached was passed, seen or not. */
static void light_passed(struct map_box *box)
{
	for (size_t i = 0; i < box->n; i++) {
		struct map_line *line = &box->lines[i];

		for (size_t k = i + 1; k < box->n && line->state == MAP_DIM; k++) {
			const struct map_line *hit = &box->lines[k];

			if (shows_passed(hit) &&
			    (!line->chain || !hit->chain ||
			     chain_order(line->chain, hit->chain) == ORDER_BEFORE))
				line->state = MAP_PASSED;
		}
	}
}

void map_box_fill(struct map_box *box, const struct model *model, const struct scene *scene,
		  enum hook hook, bool all)
{
	const struct ruleset *rules = model_rules(model);
	enum family family = scene->flow ? (enum family)scene->flow->there.family : FAMILY_IP;

	*box = (struct map_box){ .hook = hook };
	if (rules && ruleset_has_family(rules, family))
		add_chains(box, rules, family, model, scene);
	else if (!is_nft(model, scene))
		add_tables(box);
	put_hops(box, model, scene, all);
	light_passed(box);
}

void map_box_crop(struct map_box *box, size_t n)
{
	size_t before = box->n;

	for (enum map_state state = MAP_DIM; state <= MAP_HIT; state++)
		for (size_t i = box->n; i-- > 0 && box->n > n;)
			if (box->lines[i].state == state) {
				box->n--;
				memmove(&box->lines[i], &box->lines[i + 1],
					(box->n - i) * sizeof(box->lines[0]));
			}
	if (box->n > n)
		box->n = n;
	box->left_out += before - box->n;
}
