/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_cond.c - reads the conditions of an nft rule
 *
 * Theory of operation. An expression is a selector, perhaps a mask, perhaps an operator, a value.
 * Selectors that speak of the packet's headers stand in a table with the kind of their values.
 * For the others it is enough to know how many words they have (nft_shape.c), so that the
 * conditions behind them are found again; where not even that is known, everything up to the next
 * statement is one condition that cannot be checked. nft leaves out what a selector implies (`tcp
 * dport` asks for TCP, `ip saddr` in an inet table for IPv4), so that is added here.
 */
#include "nft_rule.h"
#include "nft_value.h"

#include "value.h"
#include "lit.h"

/* clang-format off */
static const struct selector selectors[] = {
	{ S("ip"),      S("saddr"),    COND_SRC,       V_ADDR,   0,   FAMILY_IP },
	{ S("ip"),      S("daddr"),    COND_DST,       V_ADDR,   0,   FAMILY_IP },
	{ S("ip6"),     S("saddr"),    COND_SRC,       V_ADDR,   0,   FAMILY_IP6 },
	{ S("ip6"),     S("daddr"),    COND_DST,       V_ADDR,   0,   FAMILY_IP6 },
	{ S("iifname"), S(""),         COND_IIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("oifname"), S(""),         COND_OIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("iif"),     S(""),         COND_IIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("oif"),     S(""),         COND_OIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("meta"),    S("iifname"),  COND_IIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("meta"),    S("oifname"),  COND_OIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("meta"),    S("iif"),      COND_IIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("meta"),    S("oif"),      COND_OIF,       V_NAME,   0,   FAMILY_NONE },
	{ S("meta"),    S("l4proto"),  COND_PROTO,     V_PROTO,  0,   FAMILY_NONE },
	{ S("l4proto"), S(""),         COND_PROTO,     V_PROTO,  0,   FAMILY_NONE },
	{ S("ip"),      S("protocol"), COND_PROTO,     V_PROTO,  0,   FAMILY_IP },
	{ S("tcp"),     S("dport"),    COND_DPORT,     V_PORT,   6,   FAMILY_NONE },
	{ S("tcp"),     S("sport"),    COND_SPORT,     V_PORT,   6,   FAMILY_NONE },
	{ S("udp"),     S("dport"),    COND_DPORT,     V_PORT,   17,  FAMILY_NONE },
	{ S("udp"),     S("sport"),    COND_SPORT,     V_PORT,   17,  FAMILY_NONE },
	{ S("th"),      S("dport"),    COND_DPORT,     V_PORT,   0,   FAMILY_NONE },
	{ S("th"),      S("sport"),    COND_SPORT,     V_PORT,   0,   FAMILY_NONE },
	{ S("sctp"),    S("dport"),    COND_DPORT,     V_PORT,   132, FAMILY_NONE },
	{ S("sctp"),    S("sport"),    COND_SPORT,     V_PORT,   132, FAMILY_NONE },
	{ S("udplite"), S("dport"),    COND_DPORT,     V_PORT,   136, FAMILY_NONE },
	{ S("udplite"), S("sport"),    COND_SPORT,     V_PORT,   136, FAMILY_NONE },
	{ S("dccp"),    S("dport"),    COND_DPORT,     V_PORT,   33,  FAMILY_NONE },
	{ S("dccp"),    S("sport"),    COND_SPORT,     V_PORT,   33,  FAMILY_NONE },
	{ S("icmp"),    S("type"),     COND_ICMP,      V_TYPE,   1,   FAMILY_IP },
	{ S("icmp"),    S("code"),     COND_ICMP,      V_CODE,   1,   FAMILY_IP },
	{ S("icmpv6"),  S("type"),     COND_ICMP,      V_TYPE,   58,  FAMILY_IP6 },
	{ S("icmpv6"),  S("code"),     COND_ICMP,      V_CODE,   58,  FAMILY_IP6 },
	{ S("tcp"),     S("flags"),    COND_TCP_FLAGS, V_FLAGS,  6,   FAMILY_NONE },
	{ S("meta"),    S("mark"),     COND_MARK,      V_MARK,   0,   FAMILY_NONE },
	{ S("mark"),    S(""),         COND_MARK,      V_MARK,   0,   FAMILY_NONE },
	{ S("meta"),    S("nfproto"),  COND_FAMILY,    V_FAMILY, 0,   FAMILY_NONE },
	{ S("ct"),      S("state"),    COND_CT_STATE,  V_CT,     0,   FAMILY_NONE },
};
/* clang-format on */

static const struct selector *find_selector(const struct nft_words *words, size_t i)
{
	struct str first = nft_word(words, i);
	struct str second = nft_word(words, i + 1);

	for (size_t k = 0; k < sizeof(selectors) / sizeof(*selectors); k++) {
		const struct selector *s = &selectors[k];

		if (str_eq(s->first, first) && (!s->second.n || str_eq(s->second, second)))
			return s;
	}
	return NULL;
}

/* struct key - what is compared: one field that can be checked, or several that `.` joins */
struct key {
	const struct selector *part[TUPLE_MAX];
	uint8_t n;
};

/* Return: behind the key at @i; @key is empty if it has a part that is not known */
static size_t read_key(const struct nft_words *words, size_t i, struct key *key)
{
	for (key->n = 0; key->n < TUPLE_MAX;) {
		const struct selector *s = find_selector(words, i);

		if (!s)
			break;
		key->part[key->n++] = s;
		i += s->second.n ? 2 : 1;
		if (!nft_is_word(words, i, STR(".")))
			return i;
		i++;
	}
	key->n = 0;
	return i;
}

/* ---- values ---- */

/*
 * A condition being made: `KEY [& mask] [op] value [/ mask]`, words of it empty if absent;
 * @selector: the key's first; @set: that value names, NULL if it is not known
 */
struct compare {
	const struct key *key;
	const struct selector *selector;
	struct set_node *set;
	struct str mask, op, value;
};

/* `@allowed`, but not `@th,16,16`; Return: its name, else empty */
static struct str set_name(struct str word)
{
	if (word.n < 2 || *word.p != '@' || memchr(word.p, ',', word.n))
		return (struct str){ NULL, 0 };
	return str_skip(word, 1);
}

static struct set_node *find_set(const struct nft_words *words, struct str word)
{
	struct str name = set_name(word);
	const struct table *table = words->rule->chain->table;

	/* a struct table * is a struct table_node * */
	return name.n ? build_find_set((const struct table_node *)table, name) : NULL;
}

/* `tcp flags syn,ack`: any of them is set; `! syn`: none of them; `syn / syn,ack`, `& syn ==` */
static bool flags_span(const struct compare *c, struct num_span *span)
{
	if (c->mask.n)
		return value_tcp_flags(c->mask, &span->mask) &&
		       value_tcp_flags(c->value, &span->lo) && (span->hi = span->lo, true);
	if (c->op.n && !str_eq(c->op, STR("!")))
		return nft_num_value(c->selector, c->value, span);
	if (!value_tcp_flags(c->value, &span->mask))
		return false;
	span->lo = c->op.n ? 0 : 1;
	span->hi = c->op.n ? 0 : span->mask;
	return true;
}

static bool masked_span(const struct compare *c, struct num_span *span)
{
	if (!nft_num_value(c->selector, c->value, span))
		return false;
	return value_number(c->mask, &span->mask) && span->lo == span->hi;
}

/* `>= 1024`; Return: false if the operator is none of these */
static bool ordered_span(const struct compare *c, struct num_span *span)
{
	uint32_t v;

	if (c->selector->kind != V_PORT && c->selector->kind != V_MARK)
		return false;
	if (!nft_num_value(c->selector, c->value, span) || span->lo != span->hi)
		return false;
	v = span->lo;
	span->lo = 0;
	span->hi = UINT32_MAX;
	if (*c->op.p == '<') {
		if (c->op.n == 1 && !v)
			return false;
		span->hi = c->op.n == 1 ? v - 1 : v;
	} else {
		if (c->op.n == 1 && v == UINT32_MAX)
			return false;
		span->lo = c->op.n == 1 ? v + 1 : v;
	}
	return true;
}

static bool compare_span(const struct compare *c, struct num_span *span)
{
	if (c->selector->kind == V_FLAGS)
		return flags_span(c, span);
	if (c->mask.n)
		return masked_span(c, span);
	if (c->op.n && (*c->op.p == '<' || *c->op.p == '>'))
		return ordered_span(c, span);
	return false;
}

/* Keys whose values are of one form share what was read. */
static uint32_t kind_of(const struct key *key)
{
	uint32_t kind = 0;

	for (uint8_t i = 0; i < key->n; i++)
		kind = kind << 4 | (key->part[i]->kind + 1u);
	return kind;
}

_Static_assert(V_CT < 15 && TUPLE_MAX * 4 <= 32, "four bits of kind_of() for each part");

/* Parts of @cond, of the fields of @key, with the spans of @like; Return: false without memory */
static bool new_parts(struct arena *arena, const struct key *key, const struct cond *like,
		      struct cond *cond)
{
	struct cond *parts = arena_alloc(arena, key->n * sizeof(*parts));

	for (uint8_t i = 0; i < key->n && parts; i++) {
		parts[i] = like[i];
		parts[i].field = key->part[i]->field;
	}
	cond->parts = parts;
	cond->n_parts = parts ? key->n : 0;
	return parts != NULL;
}

/* The inside of `{ 10.0.0.1 . 22, 10.0.0.2 . 80 }`; Return: how many, 0 if one is odd */
static uint32_t read_tuples(struct arena *arena, const struct key *key, struct str list,
			    struct cond *cond)
{
	struct cond parts[TUPLE_MAX] = { 0 };
	uint32_t n = 0;

	for (uint8_t i = 0; i < key->n && (n || !i); i++)
		parts[i].n = n = nft_read_elements(arena, key->part[i], list, i, &parts[i]);
	return new_parts(arena, key, parts, cond) ? n : 0;
}

static uint32_t read_list(struct arena *arena, const struct compare *c, struct str list,
			  struct cond *cond)
{
	if (c->key->n > 1)
		return read_tuples(arena, c->key, list, cond);
	return nft_read_elements(arena, c->selector, list, cond->set || cond->map ? 0 : NFT_WHOLE,
				 cond);
}

/* The elements of a named set, read once for all that ask it in the same way. */
static bool fill_named(struct arena *arena, const struct compare *c, struct cond *cond)
{
	struct set_node *set = c->set;

	cond->set = true;
	if (!set || !set->elements.n)
		return false;
	if (!set->kind) {
		set->n_spans = read_list(arena, c, set->elements, cond);
		set->spans = cond->nums;
		set->kind = kind_of(c->key);
	}
	if (set->kind != kind_of(c->key) || !set->spans)
		return false;
	cond->n = set->n_spans;
	if (c->key->n == 1)
		cond->nums = set->spans;
	else if (!new_parts(arena, c->key, set->spans, cond))
		return false;
	/* of `elements = { }` it is known that it is empty */
	return cond->n || !str_trim_left(set->elements).n;
}

/* `new`, `established,related`, `{ established, related }`, `{ new : accept }`: any of them */
static bool fill_ct_state(struct arena *arena, struct str list, struct cond *cond)
{
	struct num_span span = { 0, 1, 0 };
	bool ok = true;

	if (list.n > 1 && *list.p == '{')
		list = str_first(str_skip(list, 1), list.n - 2);
	while (list.n && ok) {
		uint32_t states;

		ok = value_ct_states(nft_element_key(nft_next_element(&list), 0), &states);
		span.mask |= ok ? states : 0;
	}
	span.hi = span.mask;
	cond->nums = ok ? arena_copy(arena, &span, sizeof(span)) : NULL;
	return cond->nums != NULL;
}

static bool fill_one(struct arena *arena, const struct compare *c, struct cond *cond)
{
	struct str list = c->value;
	bool set = list.n > 1 && *list.p == '{' && list.p[list.n - 1] == '}';
	struct addr_span *masked;
	struct num_span span, *copy;
	bool equal;

	cond->negated = str_eq(c->op, STR("!=")) || str_eq(c->op, STR("ne"));
	equal = !c->op.n || cond->negated || str_eq(c->op, STR("==")) || str_eq(c->op, STR("eq"));
	if (c->mask.n && (!equal || c->selector->kind == V_TYPE))
		return false; /* the span of a masked value is for equality alone */
	cond->n = 1;
	if (c->selector->kind == V_CT) {
		cond->negated |= str_eq(c->op, STR("!"));
		return !c->mask.n && (equal || cond->negated) && fill_ct_state(arena, list, cond);
	}
	if (list.n && *list.p == '@')
		return !c->mask.n && equal && fill_named(arena, c, cond);
	if (c->mask.n && c->selector->kind == V_ADDR) {
		masked = arena_alloc(arena, sizeof(*masked));
		cond->addrs = masked;
		return masked && value_addr_masked(c->mask, c->value, masked);
	}
	if (!set && compare_span(c, &span)) {
		copy = arena_copy(arena, &span, sizeof(span));
		cond->nums = copy;
		return copy != NULL;
	}
	if (c->mask.n || !equal)
		return false;
	if (set)
		list = str_first(str_skip(list, 1), list.n - 2);
	else if (memchr(list.p, ',', list.n))
		return false;
	cond->n = read_list(arena, c, list, cond);
	return cond->n != 0;
}

static bool fill_tuple(struct arena *arena, const struct compare *c, struct cond *cond)
{
	struct str list = c->value;

	cond->negated = str_eq(c->op, STR("!="));
	if (c->mask.n || !list.n || (c->op.n && !cond->negated && !str_eq(c->op, STR("=="))))
		return false;
	if (*list.p == '@')
		return fill_named(arena, c, cond);
	if (list.n < 2 || *list.p != '{')
		return false;
	cond->n = read_tuples(arena, c->key, str_first(str_skip(list, 1), list.n - 2), cond);
	return cond->n != 0;
}

/* Fill @cond from what is compared; Return: false if it is of a form that is not known */
static bool fill_cond(struct arena *arena, const struct compare *c, struct cond *cond)
{
	if (c->key->n == 1)
		return fill_one(arena, c, cond);
	cond->field = COND_TUPLE;
	return fill_tuple(arena, c, cond);
}

/* ---- conditions ---- */

void nft_other(struct nft_words *words, size_t from, size_t to)
{
	struct cond *cond = conds_add(&words->load->conds, COND_OTHER,
				      nft_words_text(words, from, to));
	struct str last = to && to <= words->n ? words->word[to - 1] : STR("");
	const struct set_node *set = find_set(words, last);

	/* that its elements are not known is the reason only if they are not */
	if (cond)
		cond->set = set_name(last).n && !(set && set->elements.n);
}

static void add_implied(struct nft_words *words, const struct selector *s, struct str text)
{
	struct load *load = words->load;
	struct num_span family = { UINT32_MAX, s->family, s->family };
	struct num_span proto = { UINT32_MAX, s->proto, s->proto };

	if (s->family && s->family != words->family)
		conds_add_num(&load->conds, load->arena, COND_FAMILY, text, family);
	if (s->proto)
		conds_add_num(&load->conds, load->arena, COND_PROTO, text, proto);
}

/* Add @cond, and before it what its key implies. */
static void add_cond(struct nft_words *words, const struct key *key, const struct cond *cond)
{
	struct cond *to;

	for (uint8_t i = 0; i < key->n; i++)
		add_implied(words, key->part[i], cond->text);
	to = conds_add(&words->load->conds, cond->field, cond->text);
	if (to)
		*to = *cond;
}

/* Take the words of a comparison from @i on; Return: behind them */
static size_t read_compare(const struct nft_words *words, size_t i, struct compare *c)
{
	if (nft_is_word(words, i, STR("&")) || nft_is_word(words, i, STR("and"))) {
		c->mask = nft_word(words, i + 1);
		i += 2;
	}
	if (nft_is_compare(nft_word(words, i)))
		c->op = words->word[i++];
	c->value = nft_word(words, i++);
	c->set = find_set(words, c->value);
	if (nft_is_word(words, i, STR("/")) && !c->mask.n) {
		c->mask = nft_word(words, i + 1);
		i += 2;
	}
	return i;
}

/* @after: behind its key */
static size_t known_condition(struct nft_words *words, size_t i, const struct key *key,
			      size_t after)
{
	size_t end = nft_value_end(words, after);
	struct compare compare = { .key = key, .selector = key->part[0] };
	struct cond cond = { .field = key->part[0]->field, .text = nft_words_text(words, i, end) };

	if (words->changed || read_compare(words, after, &compare) != end || !compare.value.n ||
	    !fill_cond(words->load->arena, &compare, &cond)) {
		nft_other(words, i, end);
		return end;
	}
	add_cond(words, key, &cond);
	return end;
}

/* `meta mark set ...`: a statement that looks like an expression */
static size_t set_statement(struct nft_words *words, size_t i, size_t set)
{
	size_t end = nft_joins_end(words, nft_operand_end(words, set + 1));

	if (nft_is_word(words, end, STR("map")))
		end += 2;
	/* marks and addresses that were just set are not those that the trace shows */
	if (!nft_is_word(words, i, STR("ct")))
		words->changed = true;
	return end < words->n ? end : words->n;
}

/* What stands between the braces of a map, or in the named one; empty if that is not known. */
static struct str map_elements(const struct nft_words *words, struct str map)
{
	const struct set_node *named = find_set(words, map);

	if (named)
		return named->elements;
	if (map.n < 2 || *map.p != '{')
		return STR("");
	return str_between(map.p + 1, map.p + map.n - 1);
}

/* The keys of a map are a condition: what is none of them goes on behind the rule. */
static bool add_keys(struct nft_words *words, size_t i, size_t vmap, const struct key *key)
{
	struct compare compare = { .key = key,
				   .selector = key->part[0],
				   .value = nft_word(words, vmap + 1) };
	struct cond cond = { .map = true };

	if (!key->n || words->changed || !compare.value.n)
		return false;
	compare.set = find_set(words, compare.value);
	cond.field = key->part[0]->field;
	cond.text = nft_words_text(words, i, vmap + 2);
	cond.elements = map_elements(words, compare.value);
	if (!fill_cond(words->load->arena, &compare, &cond))
		return false;
	add_cond(words, key, &cond);
	return true;
}

/* @key: all that is before the map, else empty */
static size_t verdict_map(struct nft_words *words, size_t i, size_t vmap, const struct key *key)
{
	if (!add_keys(words, i, vmap, key))
		nft_other(words, i, vmap + 2);
	words->rule->flags |= nft_map_flags(map_elements(words, nft_word(words, vmap + 1)));
	words->rule->verdict = VERDICT_NONE;
	return vmap + 2 < words->n ? vmap + 2 : words->n;
}

/* Words that make no sense here: up to the next statement they are one condition. */
static size_t unknown_words(struct nft_words *words, size_t i)
{
	size_t end = i + 1;

	while (end < words->n && !nft_is_statement(words->word[end]))
		end++;
	nft_other(words, i, end);
	return end;
}

size_t nft_condition(struct nft_words *words, size_t i)
{
	size_t n = nft_selector(words, i), end;
	struct key key;
	size_t after = read_key(words, i, &key);

	if (!n || i + n > words->n)
		return unknown_words(words, i);
	if (nft_is_word(words, i, STR("ct")))
		words->rule->flags |= RULE_NEEDS_CT;
	if (nft_is_word(words, i + n, STR("set")))
		return set_statement(words, i, i + n);
	if (nft_is_word(words, i, STR("ct")) && nft_is_word(words, i + 1, STR("count"))) {
		/* `ct count over 3` compares by itself */
		end = i + 3 + nft_is_word(words, i + 2, STR("over"));
		nft_other(words, i, end);
		return end;
	}
	end = nft_joins_end(words, i + n);
	if (nft_is_word(words, end, STR("vmap")))
		return verdict_map(words, i, end, after == end ? &key : &(struct key){ .n = 0 });
	if (key.n)
		return known_condition(words, i, &key, after);
	end = nft_value_end(words, i + n);
	nft_other(words, i, end);
	return end;
}
