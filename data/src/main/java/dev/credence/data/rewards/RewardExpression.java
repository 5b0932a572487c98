package dev.credence.data.rewards;

import dev.credence.core.automaton.PrefixBounds;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenReward;
import dev.credence.core.probability.Distribution;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.PublicUrl;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A reward as a user writes it, such as {@code min(1,0.5*count:\blove\b) + 0.1*contains:thee}.
 *
 * <pre>
 * sum    = term { " + " term }
 * term   = [ NUMBER "*" ] factor
 * factor = "min(" NUMBER "," sum ")" | pooled | KIND ":" TEXT | "length"
 * pooled = ("min(" | "mean(" | "mean-variance(" [ NUMBER "," ]) sum "," sum { "," sum } ")"
 * </pre>
 *
 * <p>{@code min} of several is the worst of an ensemble, {@code mean-variance} the mean less NUMBER times (1 by standard) the
 * variance between its members. In such a list a text ends at a comma, too, outside parentheses, braces and brackets.
 *
 * <p>TEXT ends where {@code " + "} begins, inside {@code min(…)} also at the parenthesis that closes it (those of a pattern
 * are balanced, apart from escaped ones and those in brackets); a text that holds either is written between double quotes,
 * with {@code \"} for a quote in it, everything else as it is. The kinds:
 *
 * <ul>
 *   <li>{@code field:NAME} a named reward of the record, or another number of it
 *   <li>{@code regex:PATTERN}, {@code contains:TEXT} 1 where found in the completion, else 0
 *   <li>{@code count:PATTERN} how often, without overlap
 *   <li>{@code length} tokens of the completion, as the record says
 *   <li>{@code lexicon:FILE} the sum of the weights of the completion's words ({@code [a-z']+} in lower case); a line of the
 *       file is a word, and behind a tab its weight (1 where there is none)
 *   <li>{@code model:DIR} the score, a logit, of the reward model in a folder
 *   <li>{@code class:NAME} a {@link dev.credence.core.evidence.RewardFunction} on the class path, with a constructor without
 *       parameters; it is called from several threads
 * </ul>
 *
 * <p>Immutable; {@link #toString} gives text that parses to the same reward.
 */
public final class RewardExpression implements RewardFunction {
    /** Kinds of the contract that cannot be computed while a log is read. */
    private static final List<String> ELSEWHERE = List.of("command", "http", "https", "model", "table");

    private final RewardTerm term;

    /** Of the tokens that were asked about last: automata take long to make, and prompts of one model have them in common. */
    private volatile @Nullable Followed followed;

    RewardExpression(RewardTerm term) {
        this.term = term;
    }

    /**
     * Reads an expression; lexicons and classes are loaded.
     *
     * @param text as the user writes it
     * @return the reward
     * @throws InputException if it is malformed, or names what is not there
     */
    public static RewardExpression parse(String text) {
        return new RewardExpression(new RewardParser(text, RewardParser.Kinds.ONE_BY_ONE).parse());
    }

    /**
     * Reads an expression that may also name rewards which are computed of many texts together:
     *
     * <ul>
     *   <li>{@code command:PROGRAM} a shell's command that reads JSON Lines ({@code prompt}, {@code completion}) and writes
     *       one number a line
     *   <li>{@code http://…}, {@code https://…} or {@code http:URL} the same, posted in batches
     * </ul>
     *
     * @param text as the user writes it
     * @return the reward, best asked by {@link #evaluateAll}
     * @throws InputException if it is malformed, or names what is not there
     */
    public static RewardExpression parseTogether(String text) {
        return new RewardExpression(new RewardParser(text, RewardParser.Kinds.TOGETHER).parse());
    }

    /**
     * A reward that Java code computes of each text, such as the log-likelihood of evidence.
     *
     * @param name what it is called; two of one name are taken for the same
     * @param function of each text
     * @return the reward
     */
    public static RewardExpression of(String name, ToDoubleFunction<ScoredText> function) {
        return new RewardExpression(new RewardTerm.OfJava(name, function));
    }

    /**
     * The rewards of many texts.
     *
     * @param texts the texts
     * @return (texts) their rewards; whether they are finite is for the caller to check
     * @throws java.util.NoSuchElementException if a record lacks what the reward reads, with the rule as message
     * @throws java.io.UncheckedIOException if a program or server that computes it fails
     */
    public double[] evaluateAll(List<? extends ScoredText> texts) {
        return term.values(texts);
    }

    /**
     * The reward of a text.
     *
     * @param text the text
     * @return its reward; whether it is finite is for the caller to check
     * @throws java.util.NoSuchElementException if the record lacks what the reward reads, with the rule as message
     */
    public double evaluate(ScoredText text) {
        return term.value(text);
    }

    /**
     * The reward of an outcome that is a text and no more: no tokens, and no record with fields.
     *
     * @param prompt what the completion was drawn for
     * @param completion the complete text behind the prompt
     * @return its reward
     * @throws InputException if the reward reads what such a text has not
     */
    @Override
    public double reward(String prompt, String completion) {
        return asSetting(Completion.ofText(prompt, completion));
    }

    /**
     * The reward of a completion that was drawn or enumerated: a text of so many tokens, and no record with fields.
     *
     * @param prompt what the completion was drawn for
     * @param completion the complete text behind the prompt
     * @param tokens its length, the end counted
     * @return a finite number
     * @throws InputException if it is not finite, or the reward reads a field
     */
    @Override
    public double reward(String prompt, String completion, int tokens) {
        double value = asSetting(new Completion(prompt, completion, tokens));
        if (Math.abs(value) < Double.POSITIVE_INFINITY) {
            return value;
        }
        throw notFinite(value, completion);
    }

    @Override
    public double[] rewards(String prompt, Distribution completions) {
        if (!isTogether()) {
            return RewardFunction.super.rewards(prompt, completions);
        }
        return evaluateAll(completions.outcomes().stream()
                .map(text -> Completion.ofText(prompt, text))
                .toList());
    }

    /**
     * The rewards of many completions of a prompt.
     *
     * @param prompt what they were drawn for
     * @param completions the texts behind it
     * @return (completions) finite numbers
     * @throws InputException if one is not finite, or the reward reads a field or a length
     */
    public double[] rewards(String prompt, List<String> completions) {
        double[] values;
        try {
            values = evaluateAll(completions.stream()
                    .map(text -> Completion.ofText(prompt, text))
                    .toList());
        } catch (NoSuchElementException e) {
            throw InputException.ofSetting("reward", toString(), String.valueOf(e.getMessage()));
        }
        for (int i = 0; i < values.length; i++) {
            if (!(Math.abs(values[i]) < Double.POSITIVE_INFINITY)) {
                throw notFinite(values[i], completions.get(i));
            }
        }
        return values;
    }

    /** {@return whether many texts are scored much faster together than one by one} */
    public boolean isTogether() {
        return term.isTogether();
    }

    /** {@return whether its scale is a logit's: a reward model's score, a multiple of one, an ensemble of some} */
    public boolean isLogit() {
        return term.isLogit();
    }

    private InputException notFinite(double value, String completion) {
        return InputException.ofSetting(
                "reward", toString(), "it is " + value + " for '" + completion + "'; it must be finite");
    }

    private double asSetting(Completion text) {
        try {
            return evaluate(text);
        } catch (NoSuchElementException e) {
            throw InputException.ofSetting("reward", toString(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * The reward of a model's completions, followed by automata where tokens spell the text.
     *
     * @param tokens how tokens make texts
     * @param prompt the prompt's text
     * @return the reward of the text that they spell
     */
    @Override
    public TokenReward on(TextTokens tokens, String prompt) {
        return new RewardOnTokens(
                this,
                tokens.spelled().map(texts -> followed(texts, tokens.horizon())).orElse(null),
                tokens,
                prompt);
    }

    private RewardBounds followed(TokenTexts texts, int horizon) {
        Followed known = followed;
        if (known == null || known.texts != texts || known.horizon != horizon) {
            known = new Followed(texts, horizon, bounds(texts, horizon));
            followed = known;
        }
        return known.bounds;
    }

    private record Followed(TokenTexts texts, int horizon, RewardBounds bounds) {}

    /**
     * What beginnings of completions say of the reward: patterns, texts and lexicons are followed by automata on tokens,
     * lengths counted, sums, multiples and caps taken of intervals.
     *
     * @param texts what each token adds to a text
     * @param horizon tokens after which a text is cut
     * @return bounds for every prefix shorter than the horizon
     */
    public RewardBounds bounds(TokenTexts texts, int horizon) {
        Bounding bounding = new Bounding(texts, horizon);
        PrefixBounds bounds = term.bounds(bounding);
        return new RewardBounds(bounds, bounding.reasons());
    }

    /**
     * Between which limits the reward of any text lies: 0 and 1 for {@code contains:} and {@code regex:}, no more than the
     * number of {@code min(NUMBER,…)}, and what follows of multiples and sums. Nothing is known of the log's own numbers, of
     * lexicons, classes and programs.
     *
     * @return the limits, infinite where there is none
     */
    @Override
    public ValueBounds range() {
        return term.range();
    }

    /** {@return names of the numbers that it reads from the record} */
    public Set<String> fields() {
        Set<String> fields = new TreeSet<>();
        term.collectFields(fields);
        return fields;
    }

    /** {@return whether it reads how many tokens a text has} */
    public boolean readsTokens() {
        return term.readsTokens();
    }

    /** The refusal of a kind that exists but not here, or of one that does not exist. */
    static InputException unknown(String kind, String text) {
        PublicUrl.check("reward", text, "nor can it be asked here");
        String rule = ELSEWHERE.contains(kind)
                ? kind.toLowerCase(Locale.ROOT)
                        + ": cannot be computed while a log is read; write its values into the log and use field:NAME"
                : "a reward is field:, regex:, contains:, count:, length, lexicon:, model: or class:, with NUMBER* before"
                        + " it, in min(NUMBER,…), mean(…,…) or mean-variance(…,…), or in a sum with \" + \"";
        return InputException.ofSetting("reward", text, rule);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RewardExpression that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return term.toString();
    }
}
