package dev.credence.bench.limits;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.TrainingEnd;
import dev.credence.methods.training.TrainingDivergedException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What became of one method on many tables.
 *
 * @param setting the method and its settings
 * @param tables how many
 * @param reached it ended within 1e-6 of the formula, total variation, or without a formula its gradient came to rest
 * @param missed it ended elsewhere and said so
 * @param silent it ended elsewhere without a word, or in an error that is no refusal
 * @param refused the table has nothing that could be asked for
 * @param furthest from the formula where it was reached
 * @param accounts of what was missed
 */
record LimitHunt(
        String setting,
        int tables,
        int reached,
        int missed,
        int silent,
        int refused,
        double furthest,
        List<String> accounts) {
    /** One row on every so many-th of so many tables, from one on. */
    static LimitHunt of(LimitRow row, int from, int every, int to, IntFunction<LimitTable> tables) {
        int[] counts = new int[4];
        double furthest = 0;
        List<String> accounts = new ArrayList<>();
        for (int number = from; number < to; number += every) {
            LimitTable table = row.suited(tables.apply(number));
            Outcome outcome = outcome(row, table);
            counts[outcome.kind.ordinal()]++;
            if (outcome.kind == Kind.REACHED) {
                furthest = Math.max(furthest, outcome.distance);
            } else if (outcome.kind != Kind.REFUSED) {
                accounts.add(outcome.kind + ", table " + number + " of " + table.words() + ": " + outcome.words);
            }
        }
        return new LimitHunt(
                row.setting(),
                (to - from + every - 1) / every,
                counts[Kind.REACHED.ordinal()],
                counts[Kind.MISSED.ordinal()],
                counts[Kind.SILENT.ordinal()],
                counts[Kind.REFUSED.ordinal()],
                furthest,
                List.copyOf(accounts));
    }

    private enum Kind {
        REACHED,
        MISSED,
        SILENT,
        REFUSED
    }

    private record Outcome(Kind kind, double distance, String words) {}

    private static Outcome outcome(LimitRow row, LimitTable table) {
        Conditioned got;
        try {
            Conditioner method = row.at(table.beta());
            boolean chances = row.method().equals("poisson");
            RewardType type = chances ? RewardType.PROBABILITY : RewardType.SCORE;
            Evidence asked = Evidence.reward(table.reward(), type).times(1);
            if (!(method instanceof Conditioner.OnTables onTables)) {
                throw new IllegalArgumentException(row.setting() + " does not work on tables");
            }
            got = onTables.condition(table.prior(), asked, onTables.random());
        } catch (InputException | NoPosteriorException e) {
            return new Outcome(Kind.REFUSED, Double.NaN, String.valueOf(e.getMessage()));
        } catch (TrainingDivergedException e) {
            return new Outcome(Kind.MISSED, Double.NaN, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            return new Outcome(Kind.SILENT, Double.NaN, "failed: " + e);
        }
        TrainingEnd end = got.training();
        boolean said = end != null && end.isMissed();
        ClosedForm form = row.form();
        double distance = form == null ? Double.NaN : distance(got, form.of(table), table);
        boolean there = form == null ? !said : distance <= TrainingEnd.REACHED;
        Kind kind = there && !said ? Kind.REACHED : said ? Kind.MISSED : Kind.SILENT;
        return new Outcome(kind, distance, "distance " + distance + ", " + words(end));
    }

    private static String words(@Nullable TrainingEnd end) {
        return end == null ? "not trained" : end.toString();
    }

    /** Total variation of the prompt where it is largest. */
    private static double distance(Conditioned got, double[][] form, LimitTable table) {
        double largest = 0;
        List<String> prompts = table.prior().prompts();
        for (int c = 0; c < form.length; c++) {
            double[] policy = got.policy().given(prompts.get(c)).probabilities();
            double sum = 0;
            for (int i = 0; i < policy.length; i++) {
                sum += Math.abs(policy[i] - form[c][i]) / 2;
            }
            largest = Double.isNaN(sum) ? Double.NaN : Math.max(largest, sum);
            if (Double.isNaN(largest)) {
                break;
            }
        }
        return largest;
    }
}
