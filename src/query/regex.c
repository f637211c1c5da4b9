/* SPDX-License-Identifier: GPL-2.0-or-later */
/* regex.c - PCRE2 with its compiler to machine code, where this machine has one */
#include "regex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* A log is hostile: a pattern that backtracks without end on one line must not hold us up. */
#define MATCH_LIMIT 100000

struct query_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static int complain(struct regex_trouble *trouble, int number, size_t at)
{
	trouble->at = at;
	if (pcre2_get_error_message(number, (PCRE2_UCHAR *)trouble->text, sizeof(trouble->text)) <
	    0)
		snprintf(trouble->text, sizeof(trouble->text), "error %d", number);
	return -EINVAL;
}

int regex_create(struct str pattern, struct query_regex **regex, struct regex_trouble *trouble)
{
	struct query_regex *r = calloc(1, sizeof(*r));
	int number = 0;
	size_t at = 0;

	*regex = NULL;
	if (!r)
		return -ENOMEM;
	r->code = pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n,
				PCRE2_NEVER_BACKSLASH_C, &number, &at, NULL);
	if (!r->code) {
		regex_destroy(r);
		return complain(trouble, number, at);
	}
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* without it, it only takes longer */
	r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (!r->data || !r->context) {
		regex_destroy(r);
		return -ENOMEM;
	}
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	*regex = r;
	return 0;
}

void regex_destroy(struct query_regex *regex)
{
	if (!regex)
		return;
	pcre2_match_context_free(regex->context);
	pcre2_match_data_free(regex->data);
	pcre2_code_free(regex->code);
	free(regex);
}

bool regex_matches(const struct query_regex *regex, struct str s)
{
	return pcre2_match(regex->code, (PCRE2_SPTR)(s.n ? s.p : ""), s.n, 0, 0, regex->data,
			   regex->context) >= 0;
}
