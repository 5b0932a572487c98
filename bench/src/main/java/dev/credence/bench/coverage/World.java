package dev.credence.bench.coverage;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A known world: for each prompt the exact table of prior, policy and reward. The truth about it is the audit of the
 * table; logs of any size can be drawn from it.
 *
 * @param kind small tables, or as many outcomes as texts have
 * @param family how the policy was made from the prior
 * @param tables one a prompt
 * @param askedCopies the stated λ = 1/β, which need not be the policy's
 */
record World(Kind kind, Family family, List<Table> tables, double askedCopies) {
    /** The name of its reward. */
    static final String REWARD = "reward";

    /** The size of the tables. */
    enum Kind {
        /** 3 to 40 outcomes a prompt. */
        TABLE,
        /** 20,000 or 60,000 outcomes a prompt, log-normal: records hardly repeat. */
        TEXT
    }

    /** How the policy was made. */
    enum Family {
        /** An exact member of the tilt family, one λ for all prompts. */
        MEMBER,
        /** A member but for noise of 1e-5 to 0.05 nats an outcome; half of them with λ that varies over prompts. */
        NEAR,
        /** Log-normal noise of 0.1 to 1.4 nats an outcome on a tilt; half of them with λ that varies over prompts. */
        LOG_NORMAL,
        /** The best of 2 to 8 draws. */
        BEST_OF,
        /** A tilt sharpened or flattened by a temperature of 0.6 to 1.3. */
        SHARPENED
    }

    /**
     * One prompt; every array is (outcomes).
     *
     * @param prior probabilities π0, up to a common factor
     * @param policy probabilities π, up to a common factor; positive
     * @param reward rewards
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Table(double[] prior, double[] policy, double[] reward) {}

    /** What is asked of every audit of this world. */
    AuditOptions options() {
        return new AuditOptions(1 / askedCopies, REWARD, RewardType.SCORE, List.of(REWARD), null, 0);
    }

    /** The truth, by the same engine, on the tables themselves. */
    StepAudit truth() {
        Map<String, Distribution> prior = new LinkedHashMap<>();
        Map<String, Distribution> policy = new LinkedHashMap<>();
        for (int c = 0; c < tables.size(); c++) {
            Table table = tables.get(c);
            List<String> outcomes = IntStream.range(0, table.reward.length)
                    .mapToObj(Integer::toString)
                    .toList();
            prior.put(name(c), Distribution.ofLogWeights(outcomes, log(table.prior)));
            policy.put(name(c), Distribution.ofLogWeights(outcomes, log(table.policy)));
        }
        RewardFunction reward =
                (prompt, outcome) -> tables.get(Integer.parseInt(prompt)).reward[Integer.parseInt(outcome)];
        return Audit.of(TableModel.of(prior), TableModel.of(policy), Map.of(REWARD, reward), options());
    }

    /** Draws a log: each prompt's records of the prior, then those of the policy. */
    RolloutLog draw(int priorRecords, int policyRecords, RandomGenerator random) {
        int perPrompt = priorRecords + policyRecords;
        int records = tables.size() * perPrompt;
        double[] reward = new double[records];
        double[] logPrior = new double[records];
        double[] logPolicy = new double[records];
        byte[] source = new byte[records];
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < tables.size(); c++) {
            Table table = tables.get(c);
            double[] prior = Draws.cumulated(table.prior);
            double[] policy = Draws.cumulated(table.policy);
            double priorTotal = Math.log(prior[prior.length - 1]);
            double policyTotal = Math.log(policy[policy.length - 1]);
            int from = c * perPrompt;
            for (int i = from; i < from + perPrompt; i++) {
                boolean ofPrior = i < from + priorRecords;
                int outcome = Draws.position(random, ofPrior ? prior : policy);
                reward[i] = table.reward[outcome];
                logPrior[i] = Math.log(table.prior[outcome]) - priorTotal;
                logPolicy[i] = Math.log(table.policy[outcome]) - policyTotal;
                source[i] = ofPrior ? RolloutLog.PRIOR : RolloutLog.POLICY;
            }
            prompts.add(new RolloutLog.Prompt(
                    name(c), 1.0 / tables.size(), from, from + perPrompt, false, 0, List.of(), List.of()));
        }
        RolloutLog.Columns columns =
                new RolloutLog.Columns(new double[][] {reward}, logPrior, logPolicy, source, null, null, null);
        return new RolloutLog(List.of(REWARD), List.of("prior", "policy"), prompts, columns);
    }

    /** The name of a prompt. */
    static String name(int prompt) {
        return Integer.toString(prompt);
    }

    private static double[] log(double[] x) {
        double[] log = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            log[i] = Math.log(x[i]);
        }
        return log;
    }
}
