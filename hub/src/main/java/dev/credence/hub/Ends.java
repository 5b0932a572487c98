package dev.credence.hub;

import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The end tokens of a folder.
 *
 * @param stops at which a drawn text stops
 * @param scored the one that a finished text is scored with; none where nothing names one
 * @param warnings what a reader of the figures must know
 */
record Ends(Set<Integer> stops, OptionalInt scored, List<String> warnings) {
    /** Of a folder's configuration and its tokenizer, as chosen. */
    static Ends of(EndChoice choice, Checkpoint checkpoint, TextTokenizer tokenizer) {
        Set<Integer> configured = checkpoint.ends();
        OptionalInt named = tokenizer.end();
        return switch (choice.kind()) {
            case AUTO ->
                new Ends(both(configured, named), scored(configured, named, true), warnings(checkpoint, tokenizer));
            case BOTH -> new Ends(both(configured, named), scored(configured, named, true), List.of());
            case CONFIG -> {
                requireAny(!configured.isEmpty(), checkpoint, "eos_token_id", "the configuration names no end token");
                yield new Ends(configured, scored(configured, named, false), List.of());
            }
            case TOKENIZER -> {
                requireAny(named.isPresent(), checkpoint, "eos_token", "the tokenizer names no end token");
                yield only(named.getAsInt());
            }
            case TOKEN -> only(token(choice.token(), checkpoint, tokenizer));
        };
    }

    private static Ends only(int token) {
        return new Ends(Set.of(token), OptionalInt.of(token), List.of());
    }

    private static Set<Integer> both(Set<Integer> configured, OptionalInt named) {
        Set<Integer> all = new TreeSet<>(configured);
        named.ifPresent(all::add);
        return all;
    }

    /** The tokenizer's, which trainers append to a text; else, or where the configuration decides, the configuration's first. */
    private static OptionalInt scored(Set<Integer> configured, OptionalInt named, boolean tokenizerDecides) {
        if (named.isPresent() && (tokenizerDecides || configured.contains(named.getAsInt()))) {
            return named;
        }
        return configured.stream().mapToInt(Integer::intValue).min();
    }

    private static List<String> warnings(Checkpoint checkpoint, TextTokenizer tokenizer) {
        OptionalInt named = tokenizer.end();
        Set<Integer> configured = checkpoint.ends();
        if (named.isEmpty() || configured.contains(named.getAsInt())) {
            return List.of();
        }
        String other = configured.isEmpty()
                ? "the configuration names none"
                : "the configuration with "
                        + String.join(
                                ", ",
                                configured.stream()
                                        .map(id -> text(id, tokenizer))
                                        .toList());
        return List.of("warning: " + checkpoint.folder() + ": the tokenizer ends a text with "
                + text(named.getAsInt(), tokenizer) + ", " + other
                + ": a drawn text stops at either, a finished one is scored with the tokenizer's; choose by naming the end"
                + " token");
    }

    private static String text(int id, TextTokenizer tokenizer) {
        return "'" + tokenizer.decode(new int[] {id}, 1) + "' (" + id + ")";
    }

    private static int token(String text, Checkpoint checkpoint, TextTokenizer tokenizer) {
        int[] ids = tokenizer.completion(text);
        requireAny(
                tokenizer.unknown(text).isEmpty(),
                checkpoint,
                "end token",
                "'" + text + "', which the tokenizer has no token for");
        requireAny(ids.length == 1, checkpoint, "end token", "'" + text + "', which makes " + ids.length + " tokens");
        return ids[0];
    }

    private static void requireAny(boolean holds, Checkpoint checkpoint, String field, String value) {
        if (!holds) {
            throw new InputException(
                    checkpoint.folder().toString(), 0, field, value, "the end of a text is one token of the model");
        }
    }
}
