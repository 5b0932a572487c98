package dev.credence.data.rewards;

import dev.credence.core.automaton.PrefixBounds;
import dev.credence.core.automaton.TextMachine;
import dev.credence.core.automaton.TokenMachine;
import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.evidence.RewardFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A node of a reward expression; its text parses to it again. */
interface RewardTerm {
    /** Whatever happens or does not. */
    ValueBounds EVENT = new ValueBounds(0, 1);

    /** However often. */
    ValueBounds NUMBER = new ValueBounds(0, Double.POSITIVE_INFINITY);

    double value(ScoredText text);

    /** The values of many texts: at once where that is how they are computed. */
    default double[] values(List<? extends ScoredText> texts) {
        return texts.stream().mapToDouble(this::value).toArray();
    }

    /** Adds the names of the numbers that it reads from the record. */
    default void collectFields(Set<String> fields) {}

    /** Whether it reads how many tokens a text has. */
    default boolean readsTokens() {
        return false;
    }

    /** Bounds by the first tokens of a completion. */
    default PrefixBounds bounds(Bounding with) {
        return with.constant(this + ": is asked of complete texts", ValueBounds.UNKNOWN);
    }

    /** Between which values it lies, whatever the text. */
    default ValueBounds range() {
        return ValueBounds.UNKNOWN;
    }

    /** Whether many texts are scored much faster together than one by one. */
    default boolean isTogether() {
        return false;
    }

    /** Whether its scale is a logit's. */
    default boolean isLogit() {
        return false;
    }

    /** Terms added. */
    record Sum(List<RewardTerm> terms) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            double sum = 0;
            for (RewardTerm term : terms) {
                sum += term.value(text);
            }
            return sum;
        }

        @Override
        public double[] values(List<? extends ScoredText> texts) {
            double[] sums = new double[texts.size()];
            for (RewardTerm term : terms) {
                double[] values = term.values(texts);
                Arrays.setAll(sums, i -> sums[i] + values[i]);
            }
            return sums;
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            List<PrefixBounds> all =
                    terms.stream().map(term -> term.bounds(with)).toList();
            return (tokens, length) -> {
                ValueBounds sum = all.get(0).of(tokens, length);
                for (int i = 1; i < all.size(); i++) {
                    sum = sum.plus(all.get(i).of(tokens, length));
                }
                return sum;
            };
        }

        @Override
        public void collectFields(Set<String> fields) {
            terms.forEach(term -> term.collectFields(fields));
        }

        @Override
        public boolean readsTokens() {
            return terms.stream().anyMatch(RewardTerm::readsTokens);
        }

        @Override
        public ValueBounds range() {
            return terms.stream().map(RewardTerm::range).reduce(new ValueBounds(0, 0), ValueBounds::plus);
        }

        @Override
        public boolean isTogether() {
            return terms.stream().anyMatch(RewardTerm::isTogether);
        }

        @Override
        public String toString() {
            return terms.stream().map(RewardTerm::toString).collect(Collectors.joining(" + "));
        }
    }

    /** How the members of an ensemble become one reward. */
    enum Pooling {
        /** The least: no member may be fooled. */
        MIN("min"),
        /** The mean. */
        MEAN("mean"),
        /** The mean less a multiple of the variance between members (Coste et al. 2023). */
        MEAN_VARIANCE("mean-variance");

        private final String word;

        Pooling(String word) {
            this.word = word;
        }

        /** How it begins in an expression. */
        String opening() {
            return word + "(";
        }

        double of(double[] members, double weight) {
            double mean = Arrays.stream(members).average().orElseThrow();
            return switch (this) {
                case MIN -> Arrays.stream(members).min().orElseThrow();
                case MEAN -> mean;
                case MEAN_VARIANCE ->
                    mean
                            - weight
                                    * Arrays.stream(members)
                                            .map(x -> (x - mean) * (x - mean))
                                            .average()
                                            .orElseThrow();
            };
        }
    }

    /**
     * Several rewards of one text as one.
     *
     * @param pooling how
     * @param weight of the variance, where it counts
     * @param members one or more
     */
    record Ensemble(Pooling pooling, double weight, List<RewardTerm> members) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return values(List.of(text))[0];
        }

        @Override
        public double[] values(List<? extends ScoredText> texts) {
            double[][] byMember =
                    members.stream().map(member -> member.values(texts)).toArray(double[][]::new);
            double[] pooled = new double[texts.size()];
            Arrays.setAll(
                    pooled,
                    i -> pooling.of(
                            Arrays.stream(byMember).mapToDouble(own -> own[i]).toArray(), weight));
            return pooled;
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            List<PrefixBounds> all =
                    members.stream().map(member -> member.bounds(with)).toList();
            return (tokens, length) ->
                    pooled(all.stream().map(one -> one.of(tokens, length)).toList());
        }

        @Override
        public ValueBounds range() {
            return pooled(members.stream().map(RewardTerm::range).toList());
        }

        private ValueBounds pooled(List<ValueBounds> bounds) {
            double[] lower = bounds.stream().mapToDouble(ValueBounds::lower).toArray();
            double[] upper = bounds.stream().mapToDouble(ValueBounds::upper).toArray();
            if (pooling == Pooling.MEAN_VARIANCE) {
                double high = Pooling.MEAN.of(upper, 0);
                return new ValueBounds(Double.NEGATIVE_INFINITY, weight >= 0 ? high : Double.POSITIVE_INFINITY);
            }
            return new ValueBounds(pooling.of(lower, weight), pooling.of(upper, weight));
        }

        @Override
        public void collectFields(Set<String> fields) {
            members.forEach(member -> member.collectFields(fields));
        }

        @Override
        public boolean isTogether() {
            return members.stream().anyMatch(RewardTerm::isTogether);
        }

        @Override
        public boolean isLogit() {
            return members.stream().allMatch(RewardTerm::isLogit);
        }

        @Override
        public String toString() {
            String first = pooling == Pooling.MEAN_VARIANCE && weight != 1 ? RewardText.number(weight) + "," : "";
            return members.stream()
                    .map(RewardTerm::toString)
                    .collect(Collectors.joining(",", pooling.opening() + first, ")"));
        }
    }

    /**
     * A reward that another module computes.
     *
     * @param word its kind
     * @param argument behind the colon
     * @param scores of many texts
     */
    record OfKind(String word, String argument, RewardKind.Scores scores) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return scores.of(List.of(text))[0];
        }

        @Override
        public double[] values(List<? extends ScoredText> texts) {
            return scores.of(texts);
        }

        @Override
        public boolean isTogether() {
            return true;
        }

        @Override
        public boolean isLogit() {
            return true;
        }

        @Override
        public String toString() {
            return word + ":" + RewardText.quoted(argument);
        }
    }

    /** A term scaled. */
    record Scaled(double factor, RewardTerm term) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return factor * term.value(text);
        }

        @Override
        public double[] values(List<? extends ScoredText> texts) {
            return Arrays.stream(term.values(texts)).map(x -> factor * x).toArray();
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            PrefixBounds bounds = term.bounds(with);
            return (tokens, length) -> bounds.of(tokens, length).times(factor);
        }

        @Override
        public void collectFields(Set<String> fields) {
            term.collectFields(fields);
        }

        @Override
        public boolean readsTokens() {
            return term.readsTokens();
        }

        @Override
        public ValueBounds range() {
            return term.range().times(factor);
        }

        @Override
        public boolean isTogether() {
            return term.isTogether();
        }

        @Override
        public boolean isLogit() {
            return term.isLogit();
        }

        @Override
        public String toString() {
            return RewardText.number(factor) + "*" + term;
        }
    }

    /** A term capped. */
    record Capped(double cap, RewardTerm term) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return Math.min(cap, term.value(text));
        }

        @Override
        public double[] values(List<? extends ScoredText> texts) {
            return Arrays.stream(term.values(texts)).map(x -> Math.min(cap, x)).toArray();
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            PrefixBounds bounds = term.bounds(with);
            return (tokens, length) -> bounds.of(tokens, length).cappedAt(cap);
        }

        @Override
        public void collectFields(Set<String> fields) {
            term.collectFields(fields);
        }

        @Override
        public boolean readsTokens() {
            return term.readsTokens();
        }

        @Override
        public ValueBounds range() {
            return term.range().cappedAt(cap);
        }

        @Override
        public boolean isTogether() {
            return term.isTogether();
        }

        @Override
        public boolean isLogit() {
            return term.isLogit();
        }

        @Override
        public String toString() {
            return "min(" + RewardText.number(cap) + "," + term + ")";
        }
    }

    /** A number of the record. */
    record FieldValue(String name) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return text.field(name);
        }

        @Override
        public void collectFields(Set<String> fields) {
            fields.add(name);
        }

        @Override
        public String toString() {
            return "field:" + RewardText.quoted(name);
        }
    }

    /** 1 where a pattern is found. */
    record Found(Pattern pattern) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return pattern.matcher(text.completion()).find() ? 1 : 0;
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            return with.automaton(this, EVENT, () -> TextMachine.found(pattern));
        }

        @Override
        public ValueBounds range() {
            return EVENT;
        }

        @Override
        public String toString() {
            return "regex:" + RewardText.quoted(pattern.pattern());
        }
    }

    /** How often a pattern is found. */
    record Count(Pattern pattern) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            Matcher matcher = pattern.matcher(text.completion());
            int count = 0;
            while (matcher.find()) {
                count++;
            }
            return count;
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            PrefixBounds count = with.automaton(this, NUMBER, () -> TextMachine.count(pattern));
            if (!(count instanceof TokenMachine)) {
                return count;
            }
            PrefixBounds once = with.automaton(this, EVENT, () -> TextMachine.found(pattern));
            return (tokens, length) -> {
                ValueBounds bounds = count.of(tokens, length);
                return new ValueBounds(
                        Math.max(bounds.lower(), once.of(tokens, length).lower()), bounds.upper());
            };
        }

        @Override
        public ValueBounds range() {
            return NUMBER;
        }

        @Override
        public String toString() {
            return "count:" + RewardText.quoted(pattern.pattern());
        }
    }

    /** 1 where a text is found. */
    record Contains(String part) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return text.completion().contains(part) ? 1 : 0;
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            return with.automaton(this, EVENT, () -> TextMachine.contains(part));
        }

        @Override
        public ValueBounds range() {
            return EVENT;
        }

        @Override
        public String toString() {
            return "contains:" + RewardText.quoted(part);
        }
    }

    /** The length in tokens. */
    record Length() implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return text.tokens();
        }

        @Override
        public PrefixBounds bounds(Bounding with) {
            return with.length();
        }

        @Override
        public boolean readsTokens() {
            return true;
        }

        @Override
        public ValueBounds range() {
            return NUMBER;
        }

        @Override
        public String toString() {
            return "length";
        }
    }

    /** A class of the user's. */
    record OfClass(String name, RewardFunction function) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return function.reward(text.prompt(), text.completion());
        }

        @Override
        public String toString() {
            return "class:" + name;
        }
    }

    /**
     * What Java code computes, such as the log-likelihood of evidence; no text parses to it.
     *
     * @param name what it is called
     * @param function of each text
     */
    record OfJava(String name, ToDoubleFunction<ScoredText> function) implements RewardTerm {
        @Override
        public double value(ScoredText text) {
            return function.applyAsDouble(text);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
