package dev.credence.core.audit;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one step's records say of a few of its texts, so that steps can be held against each other without their records: the same
 * prior gives a text the same log-probability in every step, the same reward the same number, and a policy that moved another
 * log-probability. The texts are those of the smallest hashes, so that two steps choose alike (Broder 1997;
 * docs/theory.md#texts-that-steps-share); each array is (texts).
 *
 * @param keys hashes of prompt and text, ascending
 * @param logPrior log π0, nats
 * @param logPolicy log π, nats
 * @param reward the audited reward
 * @serial exclude
 */
@SuppressWarnings("ArrayRecordComponent")
public record StepTexts(long[] keys, double[] logPrior, double[] logPolicy, double[] reward) implements Serializable {
    private static final int MOST = 256;

    /** Of fewer texts nothing is said. */
    private static final int FEWEST = 8;

    /** Log-probabilities of one prior that differ by more than this, nats a text (root mean square), are not of one model. */
    private static final double PRIOR_NOISE = 0.1;

    /** Rewards of one text that differ by more than this share of all rewards' variance are not one reward's. */
    private static final double REWARD_NOISE = 0.01;

    /** Texts that are all but certain have one log-probability under many policies. */
    private static final double CERTAIN = -1e-3;

    private static final String GATE = "steps";

    /**
     * Chooses texts of a step.
     *
     * @param log its records
     * @param reward name of the audited reward
     * @return what they say of them, or null where the log does not know its texts
     */
    public static @Nullable StepTexts of(RolloutLog log, String reward) {
        RolloutLog.Columns columns = log.columns();
        long[] text = columns.text();
        int name = log.rewardNames().indexOf(reward);
        if (text == null || name < 0) {
            return null;
        }
        int[] tokens = columns.tokens();
        TreeMap<Long, Integer> chosen = new TreeMap<>();
        for (RolloutLog.Prompt prompt : log.prompts()) {
            long of = hash(prompt.text());
            for (int i = prompt.from(); i < prompt.to(); i++) {
                long key = mixed(of + mixed(text[i] + (tokens == null ? 0 : tokens[i] * 0x9E3779B97F4A7C15L)));
                if (chosen.size() < MOST || key < chosen.lastKey()) {
                    chosen.putIfAbsent(key, i);
                    if (chosen.size() > MOST) {
                        chosen.pollLastEntry();
                    }
                }
            }
        }
        int n = chosen.size();
        StepTexts texts = new StepTexts(new long[n], new double[n], new double[n], new double[n]);
        int at = 0;
        for (Map.Entry<Long, Integer> each : chosen.entrySet()) {
            int record = each.getValue();
            texts.keys[at] = each.getKey();
            texts.logPrior[at] = columns.logPrior()[record];
            texts.logPolicy[at] = columns.logPolicy()[record];
            texts.reward[at++] = columns.rewards()[name][record];
        }
        return texts;
    }

    /**
     * What records of other prompts say besides.
     *
     * @param other of the same step
     * @return as of all these records
     */
    public StepTexts and(StepTexts other) {
        TreeMap<Long, Integer> chosen = new TreeMap<>(); // places; those of the other one behind
        for (int i = 0; i < keys.length; i++) {
            chosen.put(keys[i], i);
        }
        for (int i = 0; i < other.keys.length; i++) {
            chosen.putIfAbsent(other.keys[i], keys.length + i);
        }
        while (chosen.size() > MOST) {
            chosen.pollLastEntry();
        }
        int n = chosen.size();
        StepTexts both = new StepTexts(new long[n], new double[n], new double[n], new double[n]);
        int at = 0;
        for (int place : chosen.values()) {
            StepTexts from = place < keys.length ? this : other;
            int i = place < keys.length ? place : place - keys.length;
            both.keys[at] = from.keys[i];
            both.logPrior[at] = from.logPrior[i];
            both.logPolicy[at] = from.logPolicy[i];
            both.reward[at++] = from.reward[i];
        }
        return both;
    }

    private static long hash(String prompt) {
        long hash = 1125899906842597L;
        for (int i = 0; i < prompt.length(); i++) {
            hash = 31 * hash + prompt.charAt(i);
        }
        return hash;
    }

    /** SplitMix64's finaliser. */
    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** {@return the same as bytes} */
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(4 * Long.BYTES * keys.length);
        for (int i = 0; i < keys.length; i++) {
            bytes.putLong(keys[i])
                    .putDouble(logPrior[i])
                    .putDouble(logPolicy[i])
                    .putDouble(reward[i]);
        }
        return bytes.array();
    }

    /**
     * Of bytes.
     *
     * @param bytes from {@link #toBytes}
     * @return the texts
     */
    public static StepTexts of(byte[] bytes) {
        int n = bytes.length / (4 * Long.BYTES);
        ByteBuffer from = ByteBuffer.wrap(bytes);
        StepTexts texts = new StepTexts(new long[n], new double[n], new double[n], new double[n]);
        for (int i = 0; i < n; i++) {
            texts.keys[i] = from.getLong();
            texts.logPrior[i] = from.getDouble();
            texts.logPolicy[i] = from.getDouble();
            texts.reward[i] = from.getDouble();
        }
        return texts;
    }

    /**
     * Holds each step against the one before it, and against whichever earlier one says most alike of the policy.
     *
     * @param steps audits in order
     * @param texts one a step; null where it is not known
     * @return the audits, of several steps each with the gate {@code steps}
     */
    public static List<StepAudit> compared(List<StepAudit> steps, List<@Nullable StepTexts> texts) {
        if (steps.size() < 2) {
            return steps;
        }
        List<StepAudit> compared = new ArrayList<>();
        Map<Long, Integer> last = new HashMap<>(); // the last step that says the same of a text's log-probability
        for (int t = 0; t < steps.size(); t++) {
            StepTexts own = texts.get(t);
            List<String> faults = new ArrayList<>();
            if (own != null) {
                int alike = own.mostAlike(last);
                StepTexts before = t == 0 ? null : texts.get(t - 1);
                if (before != null) {
                    own.against(before, number(steps.get(t - 1)), faults);
                }
                if (alike >= 0) {
                    own.samePolicy(texts.get(alike), number(steps.get(alike)), faults);
                }
                own.enter(last, t);
            }
            compared.add(steps.get(t).withGate(gate(faults)));
        }
        return compared;
    }

    /** Of several steps each has a number. */
    private static long number(StepAudit step) {
        return Objects.requireNonNull(step.step());
    }

    private static Gate gate(List<String> faults) {
        return faults.isEmpty()
                ? new Gate(GATE, Gate.Status.PASS, Double.NaN, "no text that steps share says otherwise", List.of())
                : new Gate(GATE, Gate.Status.WARN, Double.NaN, String.join("; ", faults), List.of());
    }

    private int mostAlike(Map<Long, Integer> last) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = 0; i < keys.length; i++) {
            Integer step = last.get(policyKey(i));
            if (step != null) {
                counts.merge(step, 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .max(Comparator.<Map.Entry<Integer, Integer>>comparingInt(Map.Entry::getValue)
                        .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey)
                .orElse(-1);
    }

    private void enter(Map<Long, Integer> last, int step) {
        for (int i = 0; i < keys.length; i++) {
            last.put(policyKey(i), step);
        }
    }

    private long policyKey(int i) {
        return mixed(keys[i] + Double.doubleToLongBits(logPolicy[i]));
    }

    /** Takes the positions of a text in two steps. */
    @FunctionalInterface
    private interface Shared {
        void take(int own, int other);
    }

    private void each(StepTexts other, Shared taker) {
        int j = 0;
        for (int i = 0; i < keys.length; i++) {
            while (j < other.keys.length && other.keys[j] < keys[i]) {
                j++;
            }
            if (j < other.keys.length && other.keys[j] == keys[i]) {
                taker.take(i, j);
            }
        }
    }

    private void against(StepTexts before, long step, List<String> faults) {
        double[] prior = new double[2]; // number, Σ squared differences
        double[] rewards = new double[5]; // number, Σ squared differences, Σ, Σ squares, how many differ
        each(before, (i, j) -> {
            double off = logPrior[i] - before.logPrior[j];
            if (Double.isFinite(off)) {
                prior[0]++;
                prior[1] += off * off;
            }
            double change = reward[i] - before.reward[j];
            rewards[0]++;
            rewards[1] += change * change;
            rewards[2] += reward[i] + before.reward[j];
            rewards[3] += reward[i] * reward[i] + before.reward[j] * before.reward[j];
            rewards[4] += change != 0 ? 1 : 0;
        });
        double apart = Math.sqrt(prior[1] / prior[0]);
        if (prior[0] >= FEWEST && apart > PRIOR_NOISE) {
            faults.add(Gates.text(
                    "under the prior %d texts that step %d has too have other log-probabilities there, %.3g nats apart (root mean"
                            + " square): the prior changed between the two, or one step's columns or scores are another model's",
                    (int) prior[0], step, apart));
        }
        double mean = rewards[2] / (2 * rewards[0]);
        double variance = rewards[3] / (2 * rewards[0]) - mean * mean;
        if (rewards[0] >= FEWEST && 0.5 * rewards[1] / rewards[0] > REWARD_NOISE * variance && rewards[4] > 0) {
            faults.add(Gates.text(
                    "%d of %d texts that step %d has too have another reward there: figures of the two are of different"
                            + " rewards, or rewards of one went to other texts",
                    (int) rewards[4], (int) rewards[0], step));
        }
    }

    private void samePolicy(@Nullable StepTexts other, long step, List<String> faults) {
        if (other == null) {
            return;
        }
        int[] count = new int[3]; // shared, alike, moved from the prior
        each(other, (i, j) -> {
            if (logPolicy[i] < CERTAIN && logPolicy[i] > Double.NEGATIVE_INFINITY) {
                count[0]++;
                count[1] += logPolicy[i] == other.logPolicy[j] ? 1 : 0;
                count[2] += logPolicy[i] != logPrior[i] ? 1 : 0;
            }
        });
        if (count[0] >= FEWEST && count[1] == count[0] && count[2] > 0) {
            faults.add(Gates.text(
                    "all %d texts that were compared with step %d have the very same log-probabilities under the policy there:"
                            + " it did not change between the two, or one step's records or scores are the other's",
                    count[0], step));
        }
    }
}
