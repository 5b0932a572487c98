package dev.credence.lab.audits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.Field;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.LogFormat;
import dev.credence.data.rollouts.RawRecords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The texts behind an audit's figures: where policy and prior disagree most on texts of one reward, which conditioning cannot do, and which
 * texts the posterior would keep and the policy has dropped. Shares are those of the log's estimates: the records of prior and policy pooled, u and v
 * with the balance heuristic, the posterior's weight u·e^{λr} (docs/theory.md#estimates-from-samples); of thinned draws with the probabilities
 * with which they were kept (docs/theory.md#thinned-draws).
 *
 * @param prompts by text, in the order of the log
 * @param records that were looked at
 * @param passedOver those of them that are no JSON object, or without a source of the two, a reward or both log-probabilities
 * @param isWhole whether that was the whole log
 */
public record DepartedTexts(Map<String, OfPrompt> prompts, long records, long passedOver, boolean isWhole) {
    private static final double SAME = 1e-9; // rewards and log-ratios that differ by rounding
    private static final int BINS = 20;

    /**
     * A text, however often it was drawn.
     *
     * @param text the completion
     * @param reward its reward
     * @param logPrior log π0, nats
     * @param logPolicy log π, nats
     * @param drawn how many records of prior and policy have it
     * @param shares of prior, policy and posterior
     */
    public record Text(String text, double reward, double logPrior, double logPolicy, Drawn drawn, Shares shares) {
        /** {@return log π − log π0, nats} */
        public double logRatio() {
            return logPolicy - logPrior;
        }
    }

    /**
     * How often the log has a text.
     *
     * @param prior by the prior
     * @param policy by the policy
     */
    public record Drawn(int prior, int policy) {}

    /**
     * A text's estimated probabilities among those of the log.
     *
     * @param prior share of the prior
     * @param policy share of the policy
     * @param posterior share of the prior, given λ copies of the reward
     */
    public record Shares(double prior, double policy, double posterior) {}

    /**
     * Two texts of one reward.
     *
     * @param highest the one whose log-ratio is largest
     * @param lowest the one whose log-ratio is smallest
     */
    public record Pair(Text highest, Text lowest) {
        /** {@return how far their log-ratios are apart, nats; 0 for every conditional on the reward} */
        public double spread() {
            return highest.logRatio() - lowest.logRatio();
        }
    }

    /**
     * The texts of a prompt.
     *
     * @param texts in the order of the log, each once
     * @param width within which rewards count as equal; 0 where they are so exactly
     */
    public record OfPrompt(List<Text> texts, double width) {
        /**
         * Of each reward the texts whose log-ratios are furthest apart.
         *
         * @return the widest first
         */
        public List<Pair> atEqualReward() {
            Map<Long, List<Text>> levels = new TreeMap<>();
            double step = width == 0 ? SAME : width;
            for (Text text : texts) {
                levels.computeIfAbsent(Math.round(text.reward / step), any -> new ArrayList<>())
                        .add(text);
            }
            Comparator<Text> byRatio = Comparator.comparingDouble(Text::logRatio);
            List<Pair> pairs = new ArrayList<>();
            for (List<Text> level : levels.values()) {
                Text highest = level.stream().max(byRatio).orElseThrow();
                Text lowest = level.stream().min(byRatio).orElseThrow();
                if (highest.logRatio() - lowest.logRatio() > SAME) {
                    pairs.add(new Pair(highest, lowest));
                }
            }
            pairs.sort(Comparator.comparingDouble(Pair::spread).reversed());
            return pairs;
        }

        /**
         * Texts that the policy gives less than half of what the posterior does: those that {@code recall} misses.
         *
         * @return the largest share of the posterior first
         */
        public List<Text> dropped() {
            return texts.stream()
                    .filter(text -> text.shares.policy < text.shares.posterior / 2)
                    .sorted(Comparator.comparingDouble((Text text) -> text.shares.posterior)
                            .reversed())
                    .toList();
        }
    }

    /**
     * What is looked for in a log.
     *
     * @param fields where it keeps its fields
     * @param reward the name among a record's rewards; null where they have one
     * @param computed a reward of the text, where the records have none of the name; or null
     * @param copies λ of the posterior, finite
     * @param most records to be looked at
     */
    public record Wanted(
            FieldMap fields,
            @Nullable String reward,
            @Nullable RewardExpression computed,
            double copies,
            long most) {
        /**
         * What an audit of a log says of itself: where fields are, which reward, and λ as 1/β, or, where no β was given, as the policy comes
         * nearest to.
         *
         * @param audit of the log
         * @param most records to be looked at
         * @return what to look for; a reward that the records do not have is computed where it reads the text alone
         */
        public static Wanted of(AuditReport audit, long most) {
            Map<String, String> settings = audit.provenance().settings();
            String format = settings.get("format");
            FieldMap map =
                    format == null ? FieldMap.standard() : LogFormat.of(format).fields();
            for (String field : parts(settings.get("fields"))) {
                map = map.with(field);
            }
            for (String value : parts(settings.get("values"))) {
                map = map.withValues(value);
            }
            String reward = settings.get("reward");
            boolean isExpression = reward != null && reward.matches(".*[:(].*") && !reward.startsWith("field:");
            String name = reward == null ? null : reward.replaceFirst("^field:", "");
            return new Wanted(
                    map,
                    "reward".equals(name) ? null : name,
                    isExpression ? computed(Objects.requireNonNull(reward)) : null,
                    copies(audit),
                    most);
        }

        private static double copies(AuditReport audit) {
            try {
                double beta = Double.parseDouble(audit.provenance().settings().getOrDefault("beta", ""));
                if (beta > 0) {
                    return 1 / beta;
                }
            } catch (NumberFormatException e) { // not given
            }
            Finding fitted = audit.last().findings().get("copies.moment_match");
            return fitted == null || !Double.isFinite(fitted.estimate()) ? 0 : fitted.estimate();
        }

        private static @Nullable RewardExpression computed(String reward) {
            try {
                RewardExpression expression = RewardExpression.parse(reward);
                return expression.readsTokens() || !expression.fields().isEmpty() ? null : expression;
            } catch (InputException e) {
                return null; // a name with a sign in it
            }
        }

        private static String[] parts(@Nullable String list) {
            return list == null || list.isEmpty() ? new String[0] : list.split(", ", -1);
        }
    }

    /** One record. */
    private record Draw(
            String text, double reward, double logPrior, double logPolicy, boolean isPolicy, Thinned thinned) {}

    /**
     * With which probability a draw of the record's reward is kept.
     *
     * @param prior a draw of the prior; NaN where it is not told
     * @param policy a draw of the policy; NaN where it is not told
     * @param draws of the record's source for its prompt before thinning; NaN where it is not told
     */
    private record Thinned(double prior, double policy, double draws) {
        double by(boolean policy) {
            return policy ? this.policy : prior;
        }
    }

    /** What the draws of a prompt were thinned by. */
    private static final class Thinning {
        private final Map<Double, Double> priorKept = new HashMap<>();
        private final Map<Double, Double> policyKept = new HashMap<>();
        private final Map<Boolean, Double> draws = new HashMap<>();

        Thinning(List<Draw> all) {
            Map<Boolean, Double> estimated = new HashMap<>();
            for (Draw draw : all) {
                double kept = draw.thinned.by(draw.isPolicy);
                estimated.merge(draw.isPolicy, 1 / (kept > 0 ? kept : 1), Double::sum);
                if (kept > 0) {
                    byReward(draw.isPolicy).put(draw.reward, kept);
                }
                if (draw.thinned.draws > 0) {
                    draws.put(draw.isPolicy, draw.thinned.draws);
                }
            }
            estimated.forEach(draws::putIfAbsent);
        }

        private Map<Double, Double> byReward(boolean policy) {
            return policy ? policyKept : priorKept;
        }

        /** How many records of a source with the reward there are for each unit of its probability, as a logarithm. */
        double log(boolean policy, Draw draw) {
            double told = draw.thinned.by(policy);
            double kept = told > 0 ? told : byReward(policy).getOrDefault(draw.reward, 1.0);
            return Math.log(draws.getOrDefault(policy, 0.0) * kept);
        }
    }

    /**
     * Reads a log. Of several training steps the last is looked at.
     *
     * @param file JSON Lines (plain, gzip or zstd) or Parquet
     * @param wanted what is looked for
     * @return its texts
     * @throws IOException if it cannot be read
     * @throws InputException if there is no such file, or not to its end
     */
    public static DepartedTexts read(String file, Wanted wanted) throws IOException {
        Map<Long, Map<String, List<Draw>>> steps = new TreeMap<>();
        long records = 0;
        long passed = 0;
        boolean whole = true;
        try (RawRecords raw = RawRecords.first(file, wanted.most + 1)) {
            for (ObjectNode record = raw.nextWhole(); record != null; record = raw.nextWhole()) {
                if (records == wanted.most) {
                    whole = false;
                    break;
                }
                records++;
                Draw draw = draw(record, wanted);
                if (draw == null) {
                    passed++;
                    continue;
                }
                String prompt = text(at(record, wanted.fields, Field.PROMPT));
                long step = at(record, wanted.fields, Field.STEP).asLong(Long.MIN_VALUE);
                steps.computeIfAbsent(step, any -> new LinkedHashMap<>())
                        .computeIfAbsent(prompt, any -> new ArrayList<>())
                        .add(draw);
            }
            records += raw.passedOver();
            passed += raw.passedOver();
        }
        Map<String, OfPrompt> prompts = new LinkedHashMap<>();
        Map<String, List<Draw>> last = Map.of();
        for (Map<String, List<Draw>> each : steps.values()) {
            last = each;
        }
        last.forEach((prompt, draws) -> prompts.put(prompt, of(draws, wanted.copies)));
        return new DepartedTexts(prompts, records, passed, whole);
    }

    /** What a record has at the first place of a field; missing where it has none. */
    private static JsonNode at(ObjectNode record, FieldMap fields, Field field) {
        for (String place : fields.paths().getOrDefault(field, List.of(field.key()))) {
            JsonNode whole = record.get(place);
            JsonNode node = whole == null ? record.at("/" + place.replace(".", "/")) : whole;
            if (!node.isMissingNode() && !node.isNull()) {
                return node;
            }
        }
        return MissingNode.getInstance();
    }

    private static String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : node.isMissingNode() ? "" : node.toString();
    }

    private static @Nullable Draw draw(ObjectNode record, Wanted wanted) {
        String source = at(record, wanted.fields, Field.SOURCE).asText(wanted.fields.defaultSource());
        String meant = source == null ? "" : wanted.fields.meaning(Field.SOURCE, source);
        double logPrior = number(at(record, wanted.fields, Field.LOGP_PRIOR));
        double logPolicy = number(at(record, wanted.fields, Field.LOGP_POLICY));
        String completion = text(at(record, wanted.fields, Field.COMPLETION));
        double reward = reward(record, completion, wanted);
        boolean isPolicy = meant.equals("policy");
        boolean isOne = isPolicy || meant.equals("prior");
        return isOne && Double.isFinite(logPrior) && logPolicy <= 1 && Double.isFinite(reward)
                ? new Draw(completion, reward, logPrior, logPolicy, isPolicy, thinned(record, wanted.fields, isPolicy))
                : null;
    }

    private static Thinned thinned(ObjectNode record, FieldMap fields, boolean isPolicy) {
        JsonNode kept = at(record, fields, Field.KEPT);
        double own = number(kept);
        return new Thinned(
                kept.isObject() ? number(kept.path("prior")) : isPolicy ? Double.NaN : own,
                kept.isObject() ? number(kept.path("policy")) : isPolicy ? own : Double.NaN,
                number(at(record, fields, Field.DRAWS)));
    }

    private static double number(JsonNode node) {
        return node.isNumber()
                ? node.doubleValue()
                : node.asText("").equals("-inf") ? Double.NEGATIVE_INFINITY : Double.NaN;
    }

    private static double reward(ObjectNode record, String completion, Wanted wanted) {
        JsonNode node = at(record, wanted.fields, Field.REWARD);
        if (node.isObject()) {
            node = wanted.reward != null
                    ? node.path(wanted.reward)
                    : node.size() == 1 ? node.elements().next() : node.path("");
        } else if (wanted.computed != null) {
            node = node.path("");
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        return wanted.computed == null
                ? Double.NaN
                : wanted.computed.reward(text(at(record, wanted.fields, Field.PROMPT)), completion);
    }

    private static OfPrompt of(List<Draw> draws, double copies) {
        Map<String, List<Draw>> texts = new LinkedHashMap<>();
        draws.forEach(draw ->
                texts.computeIfAbsent(draw.text, any -> new ArrayList<>()).add(draw));
        Thinning thinning = new Thinning(draws);
        List<List<Draw>> each = new ArrayList<>(texts.values());
        double[] u = new double[each.size()];
        double[] v = new double[each.size()];
        double[] w = new double[each.size()];
        for (int i = 0; i < u.length; i++) {
            Draw first = each.get(i).get(0);
            double log = Math.log(each.get(i).size());
            double q = LogMath.logSumExp(new double[] {
                thinning.log(false, first) + first.logPrior, thinning.log(true, first) + first.logPolicy
            });
            u[i] = log + first.logPrior - q;
            v[i] = log + first.logPolicy - q;
            w[i] = u[i] + copies * first.reward;
        }
        double[] sums = {LogMath.logSumExp(u), LogMath.logSumExp(v), LogMath.logSumExp(w)};
        List<Text> shared = new ArrayList<>();
        for (int i = 0; i < u.length; i++) {
            Draw first = each.get(i).get(0);
            int policy = (int) each.get(i).stream().filter(Draw::isPolicy).count();
            shared.add(new Text(
                    first.text,
                    first.reward,
                    first.logPrior,
                    first.logPolicy,
                    new Drawn(each.get(i).size() - policy, policy),
                    new Shares(Math.exp(u[i] - sums[0]), Math.exp(v[i] - sums[1]), Math.exp(w[i] - sums[2]))));
        }
        return new OfPrompt(shared, width(shared));
    }

    /** 0 where rewards are equal often; else a part of their range. */
    private static double width(Collection<Text> texts) {
        long levels = texts.stream()
                .map(text -> Math.round(text.reward / SAME))
                .distinct()
                .count();
        if (levels <= texts.size() / 2 || texts.size() < 2) {
            return 0;
        }
        double low = texts.stream().mapToDouble(Text::reward).min().orElseThrow();
        double high = texts.stream().mapToDouble(Text::reward).max().orElseThrow();
        return (high - low) / BINS;
    }
}
