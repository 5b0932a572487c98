package dev.credence.data.rollouts;

import java.util.Locale;
import java.util.Set;

/** The words of engines for how a text ended. */
final class EndWords {
    private static final Set<String> FINISHED = Set.of(
            "true",
            "stop",
            "stopped",
            "eos",
            "eos_token",
            "end_of_text",
            "endoftext",
            "end_turn",
            "stop_sequence",
            "stop_token",
            "finished",
            "complete",
            "completed",
            "tool_calls",
            "function_call");
    private static final Set<String> CUT = Set.of(
            "false",
            "length",
            "max_length",
            "max_tokens",
            "max_new_tokens",
            "token_limit",
            "truncated",
            "cut",
            "abort",
            "aborted");
    private static final Set<String> SAYS_CUT = Set.of("truncated", "is_truncated", "was_truncated", "cut", "clipped");

    private EndWords() {}

    /** Whether a field of this name says that a text was cut, rather than that it ended. */
    static boolean saysCut(String path) {
        return SAYS_CUT.contains(path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** Whether a text with this word for its end was cut. */
    static boolean isCut(String word) throws BadRecord {
        String known = word.toLowerCase(Locale.ROOT);
        if (FINISHED.contains(known)) {
            return false;
        }
        if (CUT.contains(known)) {
            return true;
        }
        throw new BadRecord(
                Field.FINISHED.key(),
                '"' + BadRecord.shown(word) + '"',
                "it must be true or false, or a word such as stop, eos or length; map others");
    }
}
