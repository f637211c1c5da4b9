/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_json.c - reads what `nft -j list ruleset` prints, with or without -a
 *
 * One object of the big array at a time; its tree is forgotten before the next one.
 */
#include "build.h"

#include <errno.h>

#include "nft_expr.h"
#include "nft_names.h"
#include "nft_print.h"
#include "nft_rule.h"
#include "value.h"

/**
 * struct nft_json - the file being read
 * @reader: in the file; @object: where the current object begins
 * @nodes: its tree
 * @before: the last table of the files before this one
 * @table: the one that was asked for last: rules of one come together
 */
struct nft_json {
	struct load *load;
	struct json_reader reader;
	const char *object;
	struct arena nodes;
	struct table_node *before, *table;
	struct text text;
};

static struct str member(const struct json_node *object, const char *key)
{
	return json_node_text(json_node_get(object, key));
}

static bool is_table(const struct table_node *node, enum family family, struct str name)
{
	return node && node->table.family == family && str_eq(node->table.name, name);
}

static struct table_node *find_table(struct nft_json *nft, const struct json_node *object)
{
	enum family family = family_of_word(member(object, "family"));
	struct str name = member(object, "table");
	struct table_node *node = nft->before ? nft->before->next : nft->load->rs->first;

	if (is_table(nft->table, family, name))
		return nft->table;
	while (node && !is_table(node, family, name))
		node = node->next;
	nft->table = node;
	return node;
}

static int fail(struct nft_json *nft, const char *expected)
{
	return load_fail(nft->load, nft->object, expected);
}

/* nft 1.0.6 prints the table's own name where the flag's should stand ("flags": "dorm"). */
static bool is_dormant(const struct json_node *table)
{
	const struct json_node *flags = json_node_get(table, "flags");
	bool dormant = str_eq(json_node_text(flags), STR("dormant")) ||
		       (json_node_is(flags, JSON_STRING) &&
			str_eq(json_node_text(flags), member(table, "name")));

	for (const struct json_node *flag = json_node_first(flags); flag; flag = flag->next)
		dormant |= str_eq(json_node_text(flag), STR("dormant"));
	return dormant;
}

static int take_table(struct nft_json *nft, const struct json_node *object)
{
	enum family family = family_of_word(member(object, "family"));
	struct table_node *table;

	if (!family || !member(object, "name").n)
		return fail(nft, "a family and a name in every table");
	table = build_table(nft->load, BACKEND_NFT, family, member(object, "name"),
			    nft->load->begin);
	if (!table)
		return -ENOMEM;
	table->table.line = 0;
	if (is_dormant(object))
		table->table.flags |= TABLE_DORMANT;
	return 0;
}

/* `"dev": "r0"`, or an array of them */
static struct str devices(struct nft_json *nft, const struct json_node *dev)
{
	struct text *text = &nft->text;

	if (!json_node_is(dev, JSON_ARRAY))
		return json_node_text(dev);
	text->n = 0;
	for (const struct json_node *name = dev->first; name; name = name->next) {
		text_add(text, name == dev->first ? STR("{ ") : STR(", "));
		text_add(text, json_node_text(name));
	}
	text_add(text, STR(" }"));
	return arena_str(nft->load->arena, text_str(text));
}

static bool is_integer(const struct json_node *value, int32_t *v)
{
	return json_node_is(value, JSON_NUMBER) && nft_priority(FAMILY_NONE, value->text, v);
}

static int set_hook(struct nft_json *nft, struct chain *chain, const struct json_node *object)
{
	chain->hook = nft_hook(member(object, "hook"));
	if (!chain->hook)
		return fail(nft, "a hook that is known in every base chain");
	chain->have |= CHAIN_BASE;
	if (str_eq(member(object, "type"), STR("nat")))
		chain->have |= CHAIN_NAT;
	chain->policy = str_eq(member(object, "policy"), STR("drop")) ? VERDICT_DROP
								      : VERDICT_ACCEPT;
	chain->device = devices(nft, json_node_get(object, "dev"));
	if (is_integer(json_node_get(object, "prio"), &chain->priority))
		chain->have |= CHAIN_PRIORITY;
	return 0;
}

static bool handle_of(const struct json_node *object, uint64_t *handle)
{
	const struct json_node *value = json_node_get(object, "handle");

	return json_node_is(value, JSON_NUMBER) && value_number64(value->text, handle);
}

static int take_chain(struct nft_json *nft, const struct json_node *object)
{
	struct table_node *table = find_table(nft, object);
	struct str name = member(object, "name");
	struct chain_node *node;

	if (!table || !name.n)
		return fail(nft, "every chain behind its table, with a name");
	if (build_find_chain(nft->load->rs, table, name))
		return fail(nft, "every chain only once");
	node = build_chain(nft->load, table, name, nft->load->begin);
	if (!node)
		return -ENOMEM;
	node->chain.line = 0;
	if (handle_of(object, &node->chain.handle))
		node->chain.have |= CHAIN_HANDLE;
	return json_node_get(object, "hook") ? set_hook(nft, &node->chain, object) : 0;
}

static void rebuild_text(struct nft_json *nft, const struct json_node *object)
{
	struct str comment = member(object, "comment");

	nft->text.n = 0;
	nft_print_rule(&nft->text, family_of_word(member(object, "family")),
		       json_node_get(object, "expr"));
	if (!comment.n)
		return;
	text_add(&nft->text, nft->text.n ? STR(" comment \"") : STR("comment \""));
	text_add(&nft->text, comment);
	text_add_char(&nft->text, '"');
}

static int take_rule(struct nft_json *nft, const struct json_node *object)
{
	struct table_node *table = find_table(nft, object);
	struct chain_node *chain =
		table ? build_find_chain(nft->load->rs, table, member(object, "chain")) : NULL;
	struct rule *rule;

	if (!chain)
		return fail(nft, "every rule behind its chain");
	rule = build_rule(nft->load, chain, nft->load->begin);
	if (!rule)
		return -ENOMEM;
	rule->line = 0;
	if (handle_of(object, &rule->handle))
		rule->flags |= RULE_HANDLE;
	else
		table->table.flags |= TABLE_NO_HANDLES;
	rebuild_text(nft, object);
	nft_rule_parse(nft->load, rule, table->table.family,
		       arena_str(nft->load->arena, text_str(&nft->text)));
	rule->comment = member(object, "comment");
	return 0;
}

/* Elements that come and go by themselves are not those that a packet met. */
static bool is_fleeting(const struct json_node *flags)
{
	bool fleeting = false;

	for (const struct json_node *flag = json_node_first(flags); flag; flag = flag->next)
		fleeting |= str_eq(json_node_text(flag), STR("dynamic")) ||
			    str_eq(json_node_text(flag), STR("timeout"));
	return fleeting;
}

static int take_set(struct nft_json *nft, const struct json_node *object)
{
	struct table_node *table = find_table(nft, object);
	const struct json_node *elements = json_node_get(object, "elem");
	struct print print = { .text = &nft->text };
	struct set_node *set;

	if (!table || !member(object, "name").n)
		return fail(nft, "every set behind its table, with a name");
	set = build_set(nft->load, table, member(object, "name"));
	if (!set)
		return -ENOMEM;
	if (!elements || is_fleeting(json_node_get(object, "flags")))
		return 0;
	nft->text.n = 0;
	nft_put_elements(&print, elements);
	set->elements = arena_str(nft->load->arena, text_str(&nft->text));
	return 0;
}

static int take_object(struct nft_json *nft, const struct json_node *object)
{
	static const struct {
		const char *key;
		int (*take)(struct nft_json *nft, const struct json_node *object);
	} kinds[] = { { "table", take_table },
		      { "chain", take_chain },
		      { "set", take_set },
		      { "map", take_set },
		      { "rule", take_rule } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct json_node *inner = json_node_get(object, kinds[i].key);

		if (inner)
			return kinds[i].take(nft, inner);
	}
	return 0; /* metainfo, counters, ... */
}

/* The reader stopped: at what it did not understand, or for want of memory. */
static int stopped(struct nft_json *nft)
{
	const struct json_reader *reader = &nft->reader;

	if (!reader->bad)
		return -ENOMEM;
	return load_fail(nft->load, reader->bad, reader->expected);
}

static int take_next(struct nft_json *nft)
{
	const struct json_node *object;

	arena_reset(&nft->nodes);
	json_read_blanks(&nft->reader);
	nft->object = nft->reader.at;
	object = json_read(&nft->reader);
	return object ? take_object(nft, object) : stopped(nft);
}

/* The elements of the big array; its opening bracket has been taken. */
static int take_array(struct nft_json *nft)
{
	bool more = json_read_blanks(&nft->reader) != ']';
	int ret = 0;

	while (more && !ret) {
		ret = take_next(nft);
		more = !ret && json_read_blanks(&nft->reader) == ',';
		nft->reader.at += more;
	}
	if (!ret && !json_read_char(&nft->reader, ']', "a comma or ]"))
		ret = stopped(nft);
	return ret;
}

static int take_member(struct nft_json *nft, bool *found)
{
	struct str key;

	arena_reset(&nft->nodes);
	if (!json_read_string(&nft->reader, &key) || !json_read_char(&nft->reader, ':', "a colon"))
		return stopped(nft);
	if (!str_eq(key, STR("nftables")))
		return json_read(&nft->reader) ? 0 : stopped(nft);
	*found = true;
	if (!json_read_char(&nft->reader, '[', "an array of what nft lists"))
		return stopped(nft);
	return take_array(nft);
}

static int take_root(struct nft_json *nft)
{
	struct json_reader *reader = &nft->reader;
	bool found = false;
	bool more = true;
	int ret = 0;

	nft->object = reader->at;
	if (!json_read_char(reader, '{', "{\"nftables\": ["))
		return stopped(nft);
	while (more && !ret) {
		ret = take_member(nft, &found);
		more = !ret && json_read_blanks(reader) == ',';
		reader->at += more;
	}
	if (!ret && !json_read_char(reader, '}', "a comma or }"))
		return stopped(nft);
	if (!ret && json_read_blanks(reader))
		return load_fail(nft->load, reader->at, "the end of the file");
	return ret || found ? ret : fail(nft, "{\"nftables\": [");
}

int load_nft_json(struct load *load)
{
	struct nft_json nft = { .load = load };
	int ret;

	nft.reader = (struct json_reader){
		.at = load->begin, .end = load->end, .strings = load->arena, .nodes = &nft.nodes
	};
	for (struct table_node *node = load->rs->first; node; node = node->next)
		nft.before = node;
	json_read_blanks(&nft.reader);
	ret = take_root(&nft);
	if (nft.text.failed && !ret)
		ret = -ENOMEM;
	text_finish(&nft.text);
	arena_finish(&nft.nodes);
	return ret;
}
