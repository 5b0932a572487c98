package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.hub.SpecialTokens;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a log that has neither their ids nor says whether they were cut. Their tokens are drawn anew from the model
 * that drew the text, given the text ({@link TokenRecovery}); where texts were cut is inferred ({@link CutLimit}).
 */
final class UntoldTokens {
    /** Tokens of a text up to which all its tokenisations are followed: the work grows with the square. */
    static final int LONGEST = 96;

    private static final int MORE = 6; // tokens that a text may have been drawn as beyond its own tokenisation

    private final ModelPair models;
    private final @Nullable TokenTexts spelled;
    private final Set<Integer> unwritten;
    private final List<Asked> asked = new ArrayList<>();
    private int longest;
    private int others; // texts drawn as other tokens than their own
    private int cut;
    private int told; // texts of which the log says whether they ended
    private CutLimit limit = new CutLimit(Integer.MAX_VALUE, 0);

    /** A record, the ids of its prompt, its own tokenisation, and what to say if it cannot be read. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Asked(
            ObjectNode record, int[] prompt, String text, boolean ended, int[] own, InputException unreadable) {}

    /** What was settled of a record, or why it could not be. */
    record Settled(ObjectNode record, @Nullable Continuation text, InputException unreadable) {}

    /**
     * Nothing yet.
     *
     * @param models that drew the texts
     * @param marksLeftOut whether the texts were written down without special tokens
     */
    UntoldTokens(ModelPair models, boolean marksLeftOut) {
        this.models = models;
        this.spelled = models.prior()
                .texts()
                .tokenizer()
                .spelled(models.prior().transformer().vocabulary())
                .orElse(null);
        this.unwritten =
                marksLeftOut ? SpecialTokens.of(models.prior().folder()).ids() : Set.of();
    }

    /** Whether a record's tokens are to be found out: its text is all there is, and something of it is to be computed. */
    boolean concerns(ObjectNode record) {
        String source = record.path("source").asText();
        return spelled != null
                && !record.has("ids")
                && record.path("completion").isTextual()
                && (source.equals("prior") || source.equals("policy"))
                && (lacks(record, "logp_prior") || lacks(record, "logp_policy"));
    }

    private static boolean lacks(ObjectNode record, String sum) {
        return !record.hasNonNull(sum) && !record.hasNonNull("token_" + sum);
    }

    /** Takes a record in. */
    void add(ObjectNode record, int[] prompt, RawRecords at) {
        String whole = record.path("completion").asText();
        String text = models.withoutEnd(whole);
        int[] own = models.prior().texts().tokenizer().completion(text);
        try {
            models.check(new Continuation(prompt, own));
        } catch (ContextWindowException e) {
            throw at.bad("completion", "too long", String.valueOf(e.getMessage()));
        }
        longest = Math.max(longest, own.length);
        asked.add(new Asked(
                record,
                prompt,
                text,
                text.length() < whole.length(),
                own,
                at.bad(
                        "completion",
                        "a text that no tokens of its model spell, or none of the number that it says",
                        "it must be what was drawn, unchanged and at its length; or give its ids")));
    }

    /** How many texts there are. */
    int size() {
        return asked.size();
    }

    /**
     * Draws the tokens.
     *
     * @param given tokens at which texts were cut; 0 where that is to be inferred
     * @param seed of the draws
     * @return a record each, with its ids
     */
    List<Settled> settle(int given, long seed) {
        if (asked.isEmpty() || spelled == null) {
            return List.of();
        }
        if (longest > LONGEST) {
            return ofOwnTokens(given);
        }
        SplittableRandom random = new SplittableRandom(seed);
        TextPaths[] paths = new TextPaths[asked.size()];
        follow(models.prior(), "prior", given, random.split(), paths);
        follow(models.policy(), "policy", given, random.split(), paths);
        limit = given > 0 ? new CutLimit(given, 0) : CutLimit.of(Arrays.asList(paths));
        List<Settled> settled = new ArrayList<>();
        for (int i = 0; i < paths.length; i++) {
            settled.add(settled(asked.get(i), paths[i].draw(limit.tokens(), random)));
        }
        return settled;
    }

    /** All texts as their own tokenisation; those of the length that many share, near the longest, were cut. */
    private List<Settled> ofOwnTokens(int given) {
        limit = new CutLimit(given > 0 ? given : OwnLengths.limit(asked.stream().mapToInt(one -> one.own.length)), 0);
        List<Settled> settled = new ArrayList<>();
        for (Asked one : asked) {
            JsonNode said = one.record.path("finished");
            boolean finished = one.ended || (said.isBoolean() ? said.booleanValue() : one.own.length < limit.tokens());
            int[] tokens = finished
                    ? models.prior()
                            .texts()
                            .continuation(one.prompt, one.text, true)
                            .tokens()
                    : one.own;
            boolean isCut = one.text.indexOf('\uFFFD') >= 0;
            settled.add(settled(one, isCut ? null : new TextPaths.Path(tokens, 0, 0, 0, finished)));
        }
        return settled;
    }

    private void follow(OpenModel model, String source, int given, SplittableRandom random, TextPaths[] into) {
        int context = model.transformer().architecture().context();
        int[] own = IntStream.range(0, asked.size())
                .filter(i -> asked.get(i).record().path("source").asText().equals(source))
                .toArray();
        List<Untold> texts = Arrays.stream(own)
                .mapToObj(i -> untold(asked.get(i), source, given > 0 ? given : longest + MORE, context))
                .toList();
        TokenTexts pieces = Objects.requireNonNull(spelled);
        TokenTable table = new TokenTable(pieces, model.transformer().vocabulary(), unwritten);
        List<TextPaths> followed = new TokenRecovery(model.transformer(), table).follow(texts, random);
        for (int i = 0; i < own.length; i++) {
            into[own[i]] = followed.get(i);
        }
    }

    /** What is known of a text: it cannot have been drawn as more tokens than its model reads. */
    private static Untold untold(Asked one, String source, int most, int context) {
        JsonNode finished = one.record.path("finished");
        JsonNode tokens = one.record.path("tokens");
        JsonNode logProb = one.record.path("logp_" + source);
        return new Untold(
                one.prompt,
                new SpelledText(one.text),
                Math.min(tokens.isInt() ? tokens.intValue() : most, context - one.prompt.length),
                one.ended ? (Boolean) true : finished.isBoolean() ? (Boolean) finished.booleanValue() : null,
                tokens.isInt() ? tokens.intValue() : 0,
                logProb.isNumber() ? logProb.doubleValue() : Double.NaN);
    }

    private Settled settled(Asked one, TextPaths.@Nullable Path path) {
        if (path == null) {
            return new Settled(one.record, null, one.unreadable);
        }
        int[] tokens = path.tokens();
        int spelling = tokens.length - (path.finished() ? 1 : 0);
        others += Arrays.equals(Arrays.copyOf(tokens, spelling), one.own) ? 0 : 1;
        cut += path.finished() ? 0 : 1;
        told += one.ended || one.record.path("finished").isBoolean() ? 1 : 0;
        Arrays.stream(tokens).forEach(one.record.putArray("ids")::add);
        one.record.put("ids_from", "text");
        one.record.put("finished", path.finished());
        return new Settled(one.record, new Continuation(one.prompt, tokens), one.unreadable);
    }

    /** What was assumed, a line each. */
    List<String> assumed() {
        List<String> lines = new ArrayList<>();
        if (asked.isEmpty()) {
            return lines;
        }
        lines.add(
                longest > LONGEST
                        ? String.format(
                                Locale.ROOT,
                                "%,d texts were drawn as their own tokenisation: they are too long (%,d tokens; at most %d) for"
                                        + " others to be followed; one that was drawn as other tokens has another log-ratio",
                                asked.size(),
                                longest,
                                LONGEST)
                        : String.format(
                                Locale.ROOT,
                                "the tokens of %,d texts were drawn given the text from the model that drew it, for they are not told:"
                                        + " %,d are other than the text's own tokenisation",
                                asked.size(),
                                others));
        if (told < asked.size()) {
            lines.add(
                    limit.isSeen()
                            ? String.format(
                                    Locale.ROOT,
                                    "%,d texts ended and %,d were cut at %d tokens%s",
                                    asked.size() - cut,
                                    cut,
                                    limit.tokens(),
                                    limit.nats() > 0 && limit.nats() < Double.POSITIVE_INFINITY
                                            ? String.format(
                                                    Locale.ROOT,
                                                    ", the limit that makes the texts likeliest, by %,.0f nats",
                                                    limit.nats())
                                            : "")
                            : String.format(
                                    Locale.ROOT,
                                    "all %,d texts ended, for no length is seen at which texts were cut; where one was,"
                                            + " its end is scored wrongly",
                                    asked.size()));
        }
        return lines;
    }

    /** Tokens at which texts were cut; 0 where that is not known. */
    int limit() {
        return limit.isSeen() ? limit.tokens() : 0;
    }
}
