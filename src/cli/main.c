// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - which command is meant
 *
 * The map of the program, room by room:
 *
 *   src/bulk/bulk.c              blocks of one source, decoded by several threads
 *   src/bulk/decode.c            a block of text becomes a batch
 *   src/cli/check.c              `nfhop check`: packets held against a file of expectations
 *   src/cli/check_command.c      a command as the traffic of a check
 *   src/cli/complain.c           what goes to standard error, with the offending word underlined
 *   src/cli/conventions.c        the LOG prefixes that are known
 *   src/cli/coverage.c           `nfhop rules`: which rules were met, and which never
 *   src/cli/diff.c               `nfhop diff`: which flows take another way in a second capture
 *   src/cli/doctor.c             `nfhop doctor`: is this host able to trace, and if nothing
 *   src/cli/file.c               small files read whole, and what is wrong in them
 *   src/cli/filter.c             filters of the command line: -w, --since, --until
 *   src/cli/glance.c             is an input a log at all?
 *   src/cli/help.c               help texts and the option sections of the manual
 *   src/cli/intake.c             what every command that reads has in common: sources to model
 *   src/cli/intake_follow.c      a log that goes on: when packets are over, and are told
 *   src/cli/intake_live.c        sources that have no end: waiting for them, and when it is over
 *   src/cli/keep.c               a recording of all that is read, while it is read
 *   src/cli/main.c               which command is meant
 *   src/cli/merge.c              the records of several sources in the order of time
 *   src/cli/no_view.c            stands in for view.c where nfhop is built without ncurses
 *   src/cli/options.c            the one table of options
 *   src/cli/options_parse.c      how a command line is read by the table of options
 *   src/cli/out.c                where results are written: standard output, or the file of -o
 *   src/cli/progress.c           bytes, rate and time left on standard error
 *   src/cli/recent.c             the newest records of live sources
 *   src/cli/record.c             `nfhop record`: keep what live sources say
 *   src/cli/report.c             `nfhop report`: sources in, one report out
 *   src/cli/rules.c              the rule sets that the command line names, read and joined
 *   src/cli/terminal.c           what the place we write to can show: symbols, colour, columns
 *   src/cli/view.c               `nfhop view`: between keys, sources and the screen
 *   src/cli/view_do.c            what the view's keys do: arm the trace, save
 *   src/decode/attr.c            the attributes of netlink messages
 *   src/decode/bare.c            the words of a packet line that have no '=' (formats.md 1.5
 *   src/decode/batch.c           what was decoded of one block of text
 *   src/decode/body.c            walks over the tokens of a packet line and says what they make
 *   src/decode/colour.c          lines that were made for a terminal
 *   src/decode/decode.c          the table of dialects
 *   src/decode/device.c          names of devices that a message has by number
 *   src/decode/ebt.c             the packet as ebtables --log prints it
 *   src/decode/envelope.c        takes the framing off one line
 *   src/decode/fields.c          the keys and words of a packet line, one row and one reader each
 *   src/decode/framed.c          is a record as logs have them, whatever it speaks of?
 *   src/decode/journal.c         journalctl -o export
 *   src/decode/json.c            one JSON object
 *   src/decode/klog.c            kernel log lines
 *   src/decode/live.c            what live sources say beside packets: losses, rule sets
 *   src/decode/monitor.c         what lines of nft's and of iptables-nft's trace monitor have
 *   src/decode/nflog.c           NFLOG packets from a capture
 *   src/decode/nftmon.c          lines of nft monitor trace (formats.md 6.1)
 *   src/decode/nftmon_names.c    the words that nft prints for numbers
 *   src/decode/nftmon_packet.c   the packet line of nft monitor trace
 *   src/decode/nftrace.c         trace events of nf_tables, as the kernel sends them
 *   src/decode/note.c            lines that are no packets
 *   src/decode/packet.c          finds the packet in a kernel text
 *   src/decode/prefix_row.c      reads one row of the table of prefixes
 *   src/decode/prefix_table.c    the conventions by which firewalls name their rules in LOG
 *   src/decode/prefixes.c        what a LOG line's prefix says of its rule
 *   src/decode/quick.c           lines decoded by what was learned from lines before them
 *   src/decode/quick_bodies.c    the bodies of a block, each read once
 *   src/decode/quick_body.c      a packet's words as the kernel prints them
 *   src/decode/quick_forms.c     the words before a packet, decoded once for all lines that have
 *                                them
 *   src/decode/quick_front.c     the framing of a line that differs from the one before in digits
 *   src/decode/quick_kmsg.c      the framing of /dev/kmsg, whose records are numbered
 *   src/decode/quick_shapes.c    bodies that differ from one before them in numbers alone
 *   src/decode/scan.c            reading words, numbers and addresses off the front of a str
 *   src/decode/sight.c           foreign lines passed over many at once
 *   src/decode/stamp.c           every way in which a log line says when it was
 *   src/decode/trails.c          lines of one packet strung together
 *   src/decode/wire.c            a packet's own bytes, as struct header
 *   src/decode/xtmon.c           lines of xtables-monitor --trace (formats.md 6.2)
 *   src/decode/xtmon_packet.c    the packet line of xtables-monitor (formats.md 6.2)
 *   src/evidence/evidence.c      reads how a host was set up: sections, and a reader for each
 *   src/evidence/inside.c        how a command is made to run in a network namespace
 *   src/evidence/read.c          words, numbers, nets, routes and rules of evidence
 *   src/evidence/route.c         which route a packet would have been given
 *   src/flow/advice.c            commands to be tried, in the words of the tool that made the rules
 *   src/flow/answers.c           would an answer to a flow have been traced, had it come?
 *   src/flow/conntrack.c         what conntrack may have called a packet, as far as its flow tells
 *   src/flow/dhcp.c              does this host serve DHCP, or ask for an address?
 *   src/flow/disorder.c          lines that run back in time, or stand twice: somebody's hands were
 *                                on the log
 *   src/flow/feed.c              a batch of decoded lines into the model
 *   src/flow/find_around.c       answers to what DNAT sent on that go around this gateway
 *   src/flow/find_astray.c       answers that leave by another device than their request came in by
 *   src/flow/find_blocked.c      answers that came and were stopped: why, and what would let
 *                                them pass
 *   src/flow/find_changes.c      the rule set was changed meanwhile: when, and which chains
 *   src/flow/find_copies.c       packets of a flow that are copies, which a rule made (TEE, dup)
 *   src/flow/find_early.c        chains that a packet meets before --trace can begin, or where it
 *                                never does
 *   src/flow/find_flow.c         findings about one flow
 *   src/flow/find_forgot.c       connections that conntrack no longer knew
 *   src/flow/find_fragment.c     datagrams whose first fragment got through, and the others did not
 *   src/flow/find_invalid.c      packets that conntrack called invalid, and what makes them so
 *   src/flow/find_logs.c         LOG lines that no rule of the rule set at hand can have made
 *   src/flow/find_lost.c         packets that ended between PREROUTING and the next hook, where
 *   src/flow/find_marks.c        marks that were overwritten before the route was looked up
 *   src/flow/find_mtu.c          packets too big for a link, and the ICMP error that says so
 *   src/flow/find_nat.c          findings about routing and address translation
 *   src/flow/find_neighbour.c    packets that passed all rules and found nobody on the link
 *   src/flow/find_notes.c        findings that the log itself states
 *   src/flow/find_refused.c      connections that were refused by this host or on the way
 *   src/flow/find_rules.c        signs that the rule set at hand is not the one that was loaded
 *   src/flow/find_silent.c       legacy TRACE lines that cannot appear, whatever is traced
 *   src/flow/find_socket.c       packets that a rule is to give to a local socket (TPROXY), where
 *                                none is
 *   src/flow/find_stops.c        rules and policies that stopped packets
 *   src/flow/find_taken.c        connections that conntrack cannot confirm: NAT had no free port
 *   src/flow/find_unsent.c       packets made here that did not come to POSTROUTING
 *   src/flow/finding.c           what an expert would say: the table of findings
 *   src/flow/flow_path.c         which ways a flow's packets took, how many each
 *   src/flow/flow_table.c        flows by their tuples and by their numbers
 *   src/flow/flows.c             both directions of a connection, joined across NAT
 *   src/flow/host.c              how the traced host was set up, where the records say so
 *   src/flow/index.c             a chained hash whose entries are named by number
 *   src/flow/ipsec.c             packets that a policy of IPsec ended: no hook sees it, only a
 *                                counter moves
 *   src/flow/kept.c              closed packets that somebody asked for
 *   src/flow/left_over.c         packets that no accepting rule took, and which of these nearly did
 *   src/flow/loose.c             ICMP errors of which it is not known which flow they are about
 *   src/flow/lost_cause.c        why the kernel ended a packet between PREROUTING and the next hook
 *   src/flow/lost_suspects.c     what may have ended a packet where nothing tells what did
 *   src/flow/miss.c              why a rule did not fit a packet
 *   src/flow/model.c             records in
 *   src/flow/nat.c               what translation made of a packet where none of its hops shows it
 *   src/flow/neighbour.c         did the next hop answer? That is asked behind the last hook
 *   src/flow/netns.c             kernel lines of other network namespaces than the traced one
 *   src/flow/note.c              gaps and notes: what the log says besides packets
 *   src/flow/quote.c             which flow an ICMP error is about whose quote was not captured
 *                                up to its addresses
 *   src/flow/reason.c            one sentence for why a conclusion is what it is
 *   src/flow/reason_behind.c     the sentence for a packet of which there are LOG lines alone
 *   src/flow/refusal.c           who refused a flow's packets, and with which words
 *   src/flow/remote.c            addresses that are not this host's own
 *   src/flow/rules.c             rule sets that come with the records, one after the other
 *   src/flow/senders.c           what brought packets to a rule that asks for next to nothing
 *   src/flow/state.c             conclusions
 *   src/flow/tools.c             what the tool that wrote a chain says of it in its own words
 *   src/flow/tuple.c             what tells connections apart
 *   src/flow/unturned.c          answers that ended before NAT turned their address back:
 *                                whose they are
 *   src/flow/view.c              hops and paths put into words' reach
 *   src/flow/zones.c             the zone of connection tracking that rules put the packets of a
 *                                flow in
 *   src/live/arm.c               a table of our own that makes the kernel trace: made, changed,
 *                                asked, given up
 *   src/live/arm_none.c          a build without live sources cannot make the kernel trace
 *   src/live/arm_print.c         the iptables commands that would trace the same
 *   src/live/arm_rule.c          a row of conditions as a rule of nf_tables
 *   src/live/arm_table.c         the table that makes the kernel trace, as messages to the kernel
 *   src/live/doctor.c            the table of checks, and the facts that they look at
 *   src/live/doctor_kernel.c     checks: what this kernel can, what we may, where its messages go
 *   src/live/doctor_log.c        checks: where TRACE goes, whose lines are printed, who reads
 *   src/live/doctor_net.c        checks: what else than a rule ends packets: forwarding
 *   src/live/doctor_rules.c      checks: which rule sets are loaded, which rules trace, what goes
 *   src/live/evidence.c          writes down how this host is set up now (doc/evidence.md)
 *   src/live/host.c              reads the files of /proc, /sys and /run that tell how a host is
 *   src/live/look_early.c        base chains that a packet passes before --trace can begin
 *   src/live/look_legacy.c       what the legacy tables hold: how many rules, and which of them
 *   src/live/look_nft.c          what nftables holds: tables, flowtables, rules that set the trace
 *   src/live/look_none.c         the packet filters cannot be asked: built without the netlink
 *   src/live/netlink.c           one question to the kernel, and all of its answers
 *   src/live/netns.c             going into another network namespace
 *   src/live/nflog_owner.c       who reads an NFLOG group
 *   src/live/privilege.c         giving up the rights that are no longer needed
 *   src/live/proc.c              what the texts of /proc say: pure functions over them
 *   src/live/routes.c            addresses, routes, rules and silent neighbours as sections of
 *   src/live/routes_none.c       routes cannot be asked for: built without the netlink libraries
 *   src/live/terms.c             a filter as alternatives of simple conditions
 *   src/output/check.c           ways to say what came of expectations; as text
 *   src/output/check_junit.c     a check's result as the JUnit XML that CI systems read
 *   src/output/check_tap.c       a check's result as TAP version 14 (testanything.org)
 *   src/output/coverage.c        which rules were met and which never, as text and as JSON
 *   src/output/diff.c            which flows take another way now, as text
 *   src/output/doctor.c          what the doctor says, as text and as JSON
 *   src/output/format.c          times and protocols as text
 *   src/output/html.c            the report as one page for a browser
 *   src/output/html_style.c      what all such pages have in common
 *   src/output/json.c            the whole report as one JSON document
 *   src/output/json_form.c       JSON that many objects share, with blanks for their values
 *   src/output/json_packet.c     one packet and its hops as JSON
 *   src/output/json_write.c      JSON as a stream: keys, values, commas, escaping
 *   src/output/markup.c          text between the marks of XML and HTML
 *   src/output/outputs.c         the table of outputs
 *   src/output/text.c            the report for people: head, blocks, end
 *   src/output/text_alike.c      paths of a flow of which the same is said
 *   src/output/text_end.c        findings, and what a reader must know of the input
 *   src/output/text_flow.c       one flow: its headline, its ways, what to try
 *   src/output/text_idle.c       calls of chains that did nothing to a packet
 *   src/output/text_packet.c     one block a packet (-b packet)
 *   src/output/text_rank.c       flows' paths put together and ranked
 *   src/output/text_state.c      a flow's headline: what became of it
 *   src/output/text_way.c        a packet's way as a table
 *   src/output/text_words.c      places, endpoints, outcomes and times in plain words
 *   src/output/writer.c          text for people: escaped, coloured by role, in columns
 *   src/query/absent.c           places that a filter names and of which nothing knows
 *   src/query/coverage.c         which rules were met, how often and by whom, and which never
 *   src/query/diff.c             two captures compared: which flows take another way now
 *   src/query/expect.c           files of expectations, line by line
 *   src/query/expect_judge.c     packets held against expectations, and what can be said at the end
 *   src/query/expect_trace.c     which packets must be traced so that expectations can be judged
 *   src/query/glob.c             patterns with * and ? over names
 *   src/query/guess.c            "did you mean"
 *   src/query/judge.c            does a filter hold: three answers, joined up the tree
 *   src/query/learn.c            expectations that a good capture meets
 *   src/query/lex.c              cuts a filter into tokens
 *   src/query/lineage.c          rules of the rule sets that were loaded one after the other: which
 *                                are the same
 *   src/query/nat.c              what address translation made of a packet, as far as anything
 *                                tells
 *   src/query/operand.c          what follows a word: addresses, numbers, names, lists
 *   src/query/parse.c            tokens become a tree
 *   src/query/part.c             where the paths of two captures part, hop by hop
 *   src/query/passed.c           how far packets of one path came in each chain, by rules that they
 *                                did not match, too
 *   src/query/place.c            places: TABLE:CHAIN, and what of the chain is meant
 *   src/query/print.c            a tree as text again, in one form
 *   src/query/regex.c            regular expressions by PCRE2
 *   src/query/shadow.c           rules that packets do not come to, since a rule before them takes
 *   src/query/silence.c          chains that a packet may have passed, but whose trace is not
 *   src/query/table.c            the table of primitives: one row is one word of the language
 *   src/query/tests.c            the primitives held against packets and paths: one row a kind
 *   src/query/time.c             times as a user types them, held against the stamps of a log
 *   src/ruleset/arena.c          memory that is given out piece by piece and taken back all at
 *   src/ruleset/behind.c         where the evaluation of a packet ends that a rule logged
 *   src/ruleset/build.c          a rule set while it is being read
 *   src/ruleset/classes.c        what the rules of a rule set can tell apart
 *   src/ruleset/cond.c           gathers the conditions of one rule
 *   src/ruleset/does.c           what a rule does beside its verdict, read off its words
 *   src/ruleset/json.c           reads JSON piece by piece into a tree that lives in an arena
 *   src/ruleset/list.c           reads `iptables -L`, with or without -n
 *   src/ruleset/list_row.c       turns one row of `iptables -L` back into the words that made
 *   src/ruleset/load.c           tells what a file is from its content, and has it read
 *   src/ruleset/match.c          does a rule fit a packet?
 *   src/ruleset/met.c            what is known of a packet because it met a rule that logged it
 *   src/ruleset/names.c          words that iptables and nft print instead of numbers
 *   src/ruleset/nat.c            reads what address translation translates to
 *   src/ruleset/nft_cond.c       reads the conditions of an nft rule
 *   src/ruleset/nft_expr.c       writes expressions of nft's JSON in nft's own words
 *   src/ruleset/nft_json.c       reads what `nft -j list ruleset` prints, with or without -a
 *   src/ruleset/nft_names.c      nft's names of hooks and priorities
 *   src/ruleset/nft_print.c      writes nft's JSON of a rule in nft's own words
 *   src/ruleset/nft_rule.c       reads one rule in nft's own words: its statements
 *   src/ruleset/nft_shape.c      how many words the expressions of nft have
 *   src/ruleset/nft_style.c      how nft writes a value: by what it is compared with or assigned to
 *   src/ruleset/nft_text.c       reads what `nft list ruleset` prints, with or without -a
 *   src/ruleset/nft_token.c      takes an nft rule apart
 *   src/ruleset/nft_value.c      what an nft rule compares with: a value, the elements of a set
 *   src/ruleset/order.c          which of two base chains at one hook a packet comes to first
 *   src/ruleset/ruleset.c        questions to a rule set
 *   src/ruleset/save.c           reads iptables-save, and `iptables -S`
 *   src/ruleset/seal.c           joins what several files say and builds the look-up tables
 *   src/ruleset/step.c           what a hop of a trace really was
 *   src/ruleset/value.c          what stands on the right of a condition
 *   src/ruleset/vmap.c           what a verdict map does with a packet
 *   src/ruleset/xt_file.c        what iptables-save, -S and -L have in common
 *   src/ruleset/xt_option.c      the options of iptables rules that are understood
 *   src/ruleset/xt_spec.c        reads one rule in iptables' own words: what follows `-A CHAIN`
 *   src/ruleset/xt_token.c       takes a line apart as iptables-restore does
 *   src/ruleset/xt_words.c       what iptables' tables, built-in chains and targets are
 *   src/source/elements.c        elements of named sets and maps, for a listing without them
 *   src/source/events.c          a netlink socket that is read fast and whose losses are known
 *   src/source/file.c            files and pipes: bytes are read in big blocks and cut into records
 *   src/source/filters.c         unpacks whatever libarchive's own filters can
 *   src/source/follow.c          a file that goes on after its end: grows, is rotated, or is not
 *   src/source/gunzip.c          unpacks gzip with zlib
 *   src/source/journal.c         kernel messages of the systemd journal, from now on
 *   src/source/kmsg.c            the kernel log as it is written
 *   src/source/live.c            what the sources have in common that ask the running kernel
 *   src/source/map.c             a file in memory, without the copy that reading makes
 *   src/source/nflog.c           the packets of one NFLOG group
 *   src/source/nft.c             trace events of nf_tables, and the rule set that they speak of
 *   src/source/pcap.c            cuts an NFLOG capture, pcap or pcapng, into one record a packet
 *   src/source/recording.c       what live sources said, written down and read back
 *   src/source/snapshot.c        the rule sets that are loaded
 *   src/source/source.c          the table of kinds of sources
 *   src/source/split.c           cuts a stream of bytes into records
 *   src/source/stream.c          the bytes of a file, a pipe or standard input
 *   src/source/unpack.c          which unpacker an input needs
 *   src/trace/addr.c             addresses as text
 *   src/trace/assemble.c         hops in, packets out
 *   src/trace/behind.c           packets of which there are LOG lines alone
 *   src/trace/best.c             the open packet that an event fits best
 *   src/trace/bridge.c           frames that a bridge hands up to IP
 *   src/trace/crowd.c            many open packets that the first hash cannot tell apart
 *   src/trace/fit.c              can an event be the next hop of a packet?
 *   src/trace/hop.c              an event becomes a hop of a packet
 *   src/trace/join.c             one packet that two sources tell of
 *   src/trace/line.c             hops from lines in known forms
 *   src/trace/mark.c             what befalls open packets beside their hops
 *   src/trace/meaning.c          what a step was
 *   src/trace/next.c             what a packet would have been seen at next
 *   src/trace/nft.c              events of nftables
 *   src/trace/number.c           numbers as people read them
 *   src/trace/numbered.c         things by number, where numbers begin at a few places far from
 *                                each other
 *   src/trace/order.c            where the iptables tables stand in the hooks
 *   src/trace/outcome.c          what became of a packet
 *   src/trace/path.c             steps and paths, each distinct one kept once
 *   src/trace/ride.c             packets whose whole way in a block is known at its first line
 *   src/trace/seen.c             a packet as it stood before the rules of a chain
 *   src/trace/settle.c           where hops were that did not say so
 *   src/trace/silence.c          chains whose trace does not tell of a packet
 *   src/trace/sym.c              interned names
 *   src/trace/timeline.c         years for stamps that have none
 *   src/trace/weave.c            what two sources tell of one packet becomes one row of hops
 *   src/trace/words.c            the words for hooks, verdicts and outcomes
 *   src/tui/ask.c                the prompt at the bottom
 *   src/tui/canvas.c             a screen as cells, and the pen that writes on it
 *   src/tui/columns.c            the columns of the list of flows
 *   src/tui/draw.c               what screens have in common
 *   src/tui/edit.c               one line of text that is being typed
 *   src/tui/flow_rows.c          the list of flows: judged, filtered, sorted
 *   src/tui/keys.c               the one table of keys
 *   src/tui/list.c               which line of a long list is chosen
 *   src/tui/map.c                what stands in the boxes of the map
 *   src/tui/menu.c               a choice of some lines
 *   src/tui/packet_rows.c        the list of packets
 *   src/tui/save.c               what is looked at, kept
 *   src/tui/scene.c              what is looked at, found again in the model
 *   src/tui/screen.c             the terminal, through ncurses
 *   src/tui/search.c             looking for a regular expression in all lines
 *   src/tui/told.c               what the list says of a flow
 *   src/tui/tui.c                a stack of screens, and what keys do to it
 *   src/tui/view_diff.c          two ways side by side
 *   src/tui/view_findings.c      what an expert would say
 *   src/tui/view_flow.c          one flow: its ways and packets
 *   src/tui/view_flows.c         the list of flows
 *   src/tui/view_help.c          the table of keys, and what numbers mean
 *   src/tui/view_hops.c          one way, a line a hop
 *   src/tui/view_map.c           the packet-flow picture, with a way lit
 *   src/tui/view_packets.c       packets in the order in which they closed
 *   src/tui/view_rule.c          a rule among its neighbours
 *   src/tui/view_trace.c         the form that arms the trace
 *   src/tui/wheres.c             the distinct words for what became of flows
 */
#include "options.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "nfhop/arm.h"

static int help_run(const struct settings *settings);

// clang-format off
const struct command commands[] = {
	{ "view", COMMAND_VIEW, "[OPTION...] [SOURCE...]",
	  "Look around in the packets' ways, on the whole terminal.", view_run },
	{ "report", COMMAND_REPORT, "[OPTION...] SOURCE...",
	  "Print the packets' ways: by flow, packet, path or stop; as text or JSON.", report_run },
	{ "check", COMMAND_CHECK, "[OPTION...] EXPECTATIONS [SOURCE...] [-- COMMAND [ARG...]]",
	  "Assert what became of packets: 0 all hold, 1 one does not, 3 not enough evidence.",
	  check_run },
	{ "rules", COMMAND_RULES, "[OPTION...] [SOURCE...]",
	  "Which rules were met, how often and by whom; which never.", coverage_run },
	{ "diff", COMMAND_DIFF, "[OPTION...] BEFORE AFTER",
	  "Which flows take another way now, and where they part: 1 if any does.", diff_run },
	{ "record", COMMAND_RECORD, "[OPTION...] [SOURCE...]",
	  "Keep what live sources say in a file that every command reads back.", record_run },
	{ "doctor", COMMAND_DOCTOR, "[OPTION...]",
	  "Can this host trace packets, and if nothing appears: why?", doctor_run },
	{ "help", COMMAND_HELP, "[COMMAND|filter]",
	  "Print help, as COMMAND --help does; help filter: the words of filters.", help_run },
	{ 0 },
};
// clang-format on

static const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static int help_run(const struct settings *settings)
{
	const struct command *command = NULL;

	if (settings->n_sources)
		command = command_find(settings->sources[0]);
	if (settings->n_sources && !strcmp(settings->sources[0], "filter")) {
		help_filter(stdout);
		return STATUS_FINE;
	}
	if (settings->n_sources && !command) {
		complain("no command %s; see nfhop --help", settings->sources[0]);
		return STATUS_USAGE;
	}
	help_print(stdout, command);
	return STATUS_FINE;
}

/* A first word that is neither a command nor a file was meant to be one of them. */
static bool is_misspelt(char *const *words, const struct settings *settings)
{
	const char *word = settings->n_sources ? settings->sources[0] : "-";
	struct guess guess = guess_start(word);

	if (!strcmp(word, "-") || strpbrk(word, "./") || access(word, F_OK) == 0)
		return false;
	for (const struct command *command = commands; command->name; command++)
		guess_consider(&guess, command->name);
	if (guess.best)
		complain_at(words, word, strlen(word),
			    "%s is neither a command nor a file; did you mean %s?", word,
			    guess.best);
	else
		complain_at(words, word, strlen(word),
			    "%s is neither a command nor a file; see nfhop --help", word);
	return true;
}

static int print_commands(const struct settings *settings)
{
	const struct arm_want want = { .query = settings->trace };
	struct arm_error err;
	struct str text;

	if (!settings->trace) {
		complain("--print-commands goes with --trace FILTER");
		return STATUS_USAGE;
	}
	if (arm_print(&want, &text, &err) < 0) {
		complain("%s", err.text);
		return STATUS_USAGE;
	}
	fwrite(text.p, 1, text.n, stdout);
	free((char *)(uintptr_t)text.p);
	return STATUS_FINE;
}

/* What was asked instead of running the command. Return: was anything? */
static bool told(const struct settings *settings, const struct command *command, bool named)
{
	if (settings->version)
		puts("nfhop " NFHOP_VERSION);
	else if (settings->help)
		help_print(stdout, named ? command : NULL);
	else if (settings->manual)
		help_manual(stdout, command);
	return settings->version || settings->help || settings->manual;
}

static void forget(void *who, const char *text)
{
	(void)who;
	(void)text;
}

/* Without a command: view where it can be shown, unless an option is of report alone. */
static const struct command *command_without_name(char *const *words, int argc, char **argv)
{
	const struct command *view = command_find("view"), *report = command_find("report");
	struct settings settings;
	int ret;

	if (!view_possible())
		return report;
	complain_into(forget, NULL);
	ret = options_parse(&settings, view, words, argc, argv);
	settings_finish(&settings);
	complain_into(NULL, NULL);
	return ret < 0 ? report : view;
}

/* Does the option take the next word for its argument? Long names may be cut, as getopt has it. */
static bool takes_next(const char *word)
{
	bool is_long = !strncmp(word, "--", 2);
	const struct option_row *row = option_rows;
	size_t n = strlen(word + 2);

	if (is_long) {
		while (row->name && strncmp(row->name, word + 2, n))
			row++;
		return row->argument;
	}
	for (word++; *word; word++) {
		for (row = option_rows; row->name && row->letter != *word;)
			row++;
		if (row->argument)
			return !word[1];
	}
	return false;
}

/* Options may stand before the command. Return: the place of the first word that is none */
static int first_word(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1] && strcmp(argv[i], "--"))
		i += takes_next(argv[i]) ? 2 : 1;
	return i < argc ? i : 0;
}

static void take_out(char **argv, int at)
{
	for (; argv[at]; at++)
		argv[at] = argv[at + 1];
}

static int run(char *const *words, int argc, char **argv)
{
	int word = first_word(argc, argv);
	const struct command *command = word ? command_find(argv[word]) : NULL;
	bool named = command;
	struct settings settings;
	int status = STATUS_USAGE;

	if (named)
		take_out(argv, word);
	else
		command = command_without_name(words, argc, argv);
	if (options_parse(&settings, command, words, argc - named, argv) < 0)
		goto out;
	if (told(&settings, command, named))
		status = STATUS_FINE;
	else if (settings.print_commands)
		status = print_commands(&settings);
	else if (named || !is_misspelt(words, &settings))
		status = command->run(&settings);
out:
	settings_finish(&settings);
	return status;
}

int main(int argc, char **argv)
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	int status;

	if (!words)
		return STATUS_USAGE;
	setlocale(LC_CTYPE, "");
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	status = run(words, argc, argv);
	free(words);
	return status;
}
