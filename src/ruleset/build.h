/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build.h - a rule set while it is being read, and the error that ends the reading */
#ifndef NFHOP_RULESET_BUILD_H
#define NFHOP_RULESET_BUILD_H

#include "nfhop/ruleset.h"

#include "arena.h"
#include "cond.h"

/**
 * struct chain_node - a chain and its growing list of rules
 * @line: of its first mention
 */
struct chain_node {
	struct chain chain; /* first: a struct chain * is a struct chain_node * */
	struct rule *rules;
	uint32_t cap_rules;
	struct chain_node *next;
};

/**
 * struct set_node - a named set or map of nft's
 * @elements: what stands between the braces, of a map with what they stand for; empty if the dump
 *	does not have them (it is empty then, or the dump is terse), or if they come and go by
 *	themselves
 * @spans, @n_spans, @kind: as a key has read them, that of the first condition that asked; 0: none
 */
struct set_node {
	struct str name, elements;
	const void *spans;
	uint32_t n_spans;
	uint32_t kind;
	struct set_node *next;
};

/**
 * struct table_node - a table and its chains
 * @hint: the family that its rules speak of, FAMILY_NONE if they do not
 * @stated: the family was said by the file's header or a command line
 * @by_handle: once sealed, the rules that have a handle, sorted
 * @dropped: another file's copy of the same table serves instead
 */
struct table_node {
	struct table table; /* first */
	struct chain_node *chains, **chains_end;
	struct set_node *sets;
	uint32_t n_chains;
	enum family hint;
	bool stated, dropped;
	const struct rule **by_handle;
	size_t n_by_handle;
	struct table_node *next;
};

/* A chain is found by its table and name while reading; the rest of an open-addressing table. */
struct chain_slots {
	struct chain_node **slot;
	size_t cap, used;
};

struct file_name {
	const char *name;
	struct file_name *next;
};

struct note_node {
	struct ruleset_note note;
	struct note_node *next;
};

/**
 * struct bounds - where the spans begin and end that rules ask a field for: what lies between the
 *	same two of them, lies in the same spans
 * @at: @n of them, sorted; numbers are in the last bytes
 * @odd: some spans are none of neighbours, by their mask
 */
struct bounds {
	struct addr *at;
	size_t n;
	bool odd;
};

struct ruleset {
	struct arena arena;
	struct table_node *first, **end;
	struct chain_slots slots;
	struct file_name *files, **files_end;
	uint32_t n_files, n_tables, n_chains, n_rules;
	struct note_node *note_nodes, **note_end;

	/* sealed */
	const struct table **tables;
	const struct chain **chains;   /* in the order of the files */
	const struct chain **by_name;  /* sorted */
	const struct rule **by_prefix; /* sorted, those that log */
	const struct rule **calls;     /* sorted by chain; of maps, which are first, it is NULL */
	struct ruleset_note *notes;
	size_t n_notes, n_by_prefix, n_calls;
	unsigned int odd_states; /* CT_*: of a first packet, by rules for helpers and notrack */
	bool told_apart;	 /* the following are known: a rule logs */
	uint32_t asked;		 /* bits 1 << enum cond_field */
	struct bounds bounds[COND_FIELD_MAX];
	struct chain_list hooks[FAMILY_MAX][HOOK_MAX];
};

/**
 * struct load - the reading of one file
 * @begin, @end: the arena's copy of the file; strings of the rule set point into it
 * @theirs: the caller's bytes, for the error
 * @counted, @line: newlines before @counted make @line
 * @conds: of the rule that is being read
 */
struct load {
	struct ruleset *rs;
	struct arena *arena;
	const char *begin, *end;
	const char *theirs;
	struct ruleset_error *err;
	uint32_t file;
	const char *counted;
	uint32_t line;
	struct conds conds;
};

/* load_line - number of the line that holds @at; asked in rising order it is cheap */
uint32_t load_line(struct load *load, const char *at);
/* load_fail - say what is wrong at @at. Return: -EINVAL */
int load_fail(struct load *load, const char *at, const char *expected);

/* Each: Return: the new one, zeroed but for what is given here, or NULL. Names are not copied. */
struct table_node *build_table(struct load *load, enum backend backend, enum family family,
			       struct str name, const char *at);
struct chain_node *build_chain(struct load *load, struct table_node *table, struct str name,
			       const char *at);
/* build_rule - the pointer holds until the next one is asked for */
struct rule *build_rule(struct load *load, struct chain_node *chain, const char *at);
void build_note(struct ruleset *rs, const struct table *table, const char *text);

/* build_set - the same for a set or map; build_find_set - Return: NULL if there is none */
struct set_node *build_set(struct load *load, struct table_node *table, struct str name);
struct set_node *build_find_set(const struct table_node *table, struct str name);

/* build_find_chain - Return: NULL if @table has none of that name yet */
struct chain_node *build_find_chain(struct ruleset *rs, const struct table_node *table,
				    struct str name);

/* classes_build - what packets can be told apart by, once all chains are known */
void classes_build(struct ruleset *rs);

/* The loaders. Return: 0, -EINVAL (load_fail() was called) or -ENOMEM. */
int load_save(struct load *load);
int load_list(struct load *load);
int load_nft_text(struct load *load);
int load_nft_json(struct load *load);

#endif
