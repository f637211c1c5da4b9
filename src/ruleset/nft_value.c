/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_value.c - what an nft rule compares a field with: one value, or the elements of a set */
#include "nft_value.h"

#include "nfhop/names.h"
#include "nft_rule.h"
#include "value.h"

static bool family_value(struct str word, uint32_t *v)
{
	if (str_eq(word, STR("ipv4")) || str_eq(word, STR("ipv6")))
		*v = word.p[3] == '4' ? FAMILY_IP : FAMILY_IP6;
	else
		return value_number(word, v);
	return true;
}

bool nft_num_value(const struct selector *s, struct str word, struct num_span *span)
{
	bool v6 = s->family == FAMILY_IP6;
	struct str rest = word;
	bool ok;

	*span = (struct num_span){ UINT32_MAX, 0, 0 };
	switch (s->kind) {
	case V_PORT:
		return value_ports(word, '-', span);
	case V_TYPE:
		return value_icmp(word, v6, span) && span->mask == 0xff00;
	case V_MARK:
		word = str_cut(&rest, '-');
		ok = value_number(word, &span->lo);
		span->hi = span->lo;
		return ok && (!rest.n || value_number(rest, &span->hi));
	case V_CODE:
		span->mask = 0xff;
		ok = value_number(word, &span->lo) || names_icmp_code(word, v6, &span->lo);
		break;
	case V_FLAGS:
		span->mask = 0xff;
		ok = value_tcp_flags(word, &span->lo);
		break;
	case V_PROTO:
		ok = value_proto(word, &span->lo);
		break;
	case V_FAMILY:
		ok = family_value(word, &span->lo);
		break;
	default:
		return false;
	}
	span->hi = span->lo;
	return ok;
}

static bool name_value(struct str word, struct name_span *span)
{
	struct str name = nft_unquote(word);

	if (!name.n || *name.p == '@' || *name.p == '$')
		return false;
	span->name = name;
	span->prefix = name.p[name.n - 1] == '*';
	if (!span->prefix)
		return true;
	span->name.n--;
	/* "wg\*" is a device that is really called so */
	if (span->name.n && span->name.p[span->name.n - 1] == '\\')
		return false;
	return true;
}

struct str nft_next_element(struct str *list)
{
	const char *p = list->p;
	const char *end = list->p + list->n;
	struct str element;

	while (p < end && *p != ',') {
		const char *close = *p == '"' ? nft_quote_end(p, end) : p + 1;

		p = close ? close : end;
	}
	element = str_between(list->p, p);
	*list = str_skip(*list, element.n + 1);
	while (element.n && memchr(" \t\n", *element.p, 3))
		element = str_skip(element, 1);
	while (element.n && memchr(" \t\n", element.p[element.n - 1], 3))
		element.n--;
	return element;
}

struct str nft_element_key(struct str element, int part)
{
	for (;; part--) {
		const char *p = element.p, *end = element.p + element.n;

		while (p < end && *p != ' ') {
			const char *close = *p == '"' ? nft_quote_end(p, end) : p + 1;

			p = close ? close : end;
		}
		if (!part)
			return str_between(element.p, p);
		element = str_between(p, end);
		if (!str_starts(element, STR(" . ")))
			return STR("");
		element = str_skip(element, 3);
	}
}

struct str nft_element_value(struct str element)
{
	const char *p = element.p, *end = element.p + element.n;

	while (p < end && !str_starts(str_between(p, end), STR(" : "))) {
		const char *close = *p == '"' ? nft_quote_end(p, end) : p + 1;

		p = close ? close : end;
	}
	return str_skip(str_between(p, end), 3);
}

uint32_t nft_read_elements(struct arena *arena, const struct selector *s, struct str list, int part,
			   struct cond *cond)
{
	struct str copy = list;
	uint32_t n = 0;
	uint32_t i = 0;
	bool v6, ok = true;
	struct addr_span *addrs;
	struct num_span *nums;
	struct name_span *names;

	while (copy.n && ++n)
		nft_next_element(&copy);
	addrs = s->kind == V_ADDR ? arena_alloc(arena, n * sizeof(*addrs)) : NULL;
	names = s->kind == V_NAME ? arena_alloc(arena, n * sizeof(*names)) : NULL;
	nums = !addrs && !names ? arena_alloc(arena, n * sizeof(*nums)) : NULL;
	for (; i < n && ok && (addrs || names || nums); i++) {
		struct str element = nft_next_element(&list);

		if (part != NFT_WHOLE)
			element = nft_element_key(element, part);
		ok = addrs   ? value_addrs(element, &addrs[i], &v6)
		     : names ? name_value(element, &names[i])
			     : nft_num_value(s, element, &nums[i]);
	}
	if (addrs)
		cond->addrs = addrs;
	else if (names)
		cond->names = names;
	else
		cond->nums = nums;
	return ok ? i : 0;
}
