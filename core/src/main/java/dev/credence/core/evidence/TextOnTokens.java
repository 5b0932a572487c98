package dev.credence.core.evidence;

import java.util.List;

/** Evidence that is asked of texts: tokens are decoded, and bounded as the beginning of the text that they spell. */
final class TextOnTokens implements TokenEvidence {
    /** What decoders write for bytes of a character that the next token may complete. */
    private static final char UNFINISHED = '\uFFFD';

    private static final String NOT_SPELLED = "the tokenizer does not spell texts token by token";

    private final Evidence evidence;
    private final TextTokens tokens;
    private final String prompt;
    private final boolean isSpelled;
    private final List<String> unfollowed;

    /** Evidence whose text bounds follow the text as it grows. */
    TextOnTokens(Evidence evidence, TextTokens tokens, String prompt) {
        this(evidence, tokens, prompt, List.of());
    }

    /** Evidence of whose beginnings it is not known that they say anything. */
    static TextOnTokens unfollowed(Evidence evidence, TextTokens tokens, String prompt) {
        List<String> why = List.of(evidence.describe() + ": is asked of complete texts");
        return new TextOnTokens(evidence, tokens, prompt, why);
    }

    private TextOnTokens(Evidence evidence, TextTokens tokens, String prompt, List<String> unfollowed) {
        this.evidence = evidence;
        this.tokens = tokens;
        this.prompt = prompt;
        this.isSpelled = tokens.spelled().isPresent();
        this.unfollowed = isSpelled ? unfollowed : List.of(NOT_SPELLED);
    }

    @Override
    public double logLikelihood(int[] ids, int length, boolean finished) {
        return evidence.logLikelihood(prompt, tokens.decode(ids, length), length + (finished ? 1 : 0));
    }

    /** By the whole characters so far. */
    @Override
    public LogBounds bounds(int[] ids, int length) {
        if (!isSpelled) {
            return evidence.bounds(prompt, "");
        }
        String text = tokens.decode(ids, length);
        int whole = text.length();
        while (whole > 0 && text.charAt(whole - 1) == UNFINISHED) {
            whole--;
        }
        return evidence.bounds(prompt, text.substring(0, whole));
    }

    @Override
    public List<String> unfollowed() {
        return unfollowed;
    }
}
