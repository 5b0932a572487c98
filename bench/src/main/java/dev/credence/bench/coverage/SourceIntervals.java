package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Logs of the policy alone, of the prior alone and of both, whose texts are written token by token by two chains of all of whose texts
 * there is a table: what an audit says where it has one source, the plain mean of the log-ratio, and the mean of the next tokens'
 * divergences that policies' records carry.
 */
final class SourceIntervals {
    private static final int MOST_PROMPTS = 4;
    private static final double MOST_NOISE = 0.8; // nats of a token's logit
    private static final String MOVED = "kl.policy_prior";
    private static final String[] MEANS = {MOVED + ".sampled", MOVED + ".rao_blackwell"};

    private SourceIntervals() {}

    /**
     * A prompt: texts of one length, each token by the one before it.
     *
     * @param table of all texts
     * @param tokenKl (texts) Σ_t KL(π(·|x<t)‖π0(·|x<t)), nats
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Chain(Table table, double[] tokenKl) {
        /** Rows of logits are normal; the policy's are those, a tilt of the tokens' rewards, and noise. */
        static Chain draw(RandomGenerator random, boolean isCount, double copies) {
            int letters = 2 + random.nextInt(3);
            int length = 2 + random.nextInt(4);
            double noise = MOST_NOISE * random.nextDouble();
            double[] reward = new double[letters];
            for (int a = 0; a < letters; a++) {
                reward[a] = isCount ? (a == 0 ? 1 : 0) : 0.7 * random.nextGaussian();
            }
            double[][] prior = new double[letters][letters];
            double[][] policy = new double[letters][letters];
            for (int before = 0; before < letters; before++) {
                for (int a = 0; a < letters; a++) {
                    double logit = random.nextGaussian();
                    prior[before][a] = Math.exp(logit);
                    policy[before][a] = Math.exp(logit + copies * reward[a] + noise * random.nextGaussian());
                }
                normalise(prior[before]);
                normalise(policy[before]);
            }
            int texts = (int) Math.round(Math.pow(letters, length));
            Table table = new Table(new double[texts], new double[texts], new double[texts]);
            double[] tokenKl = new double[texts];
            for (int text = 0; text < texts; text++) {
                double logPrior = 0;
                double logPolicy = 0;
                int before = 0;
                for (int place = 0, rest = text; place < length; place++, rest /= letters) {
                    int a = rest % letters;
                    logPrior += Math.log(prior[before][a]);
                    logPolicy += Math.log(policy[before][a]);
                    table.reward()[text] += reward[a];
                    tokenKl[text] += kl(policy[before], prior[before]);
                    before = a;
                }
                table.prior()[text] = Math.exp(logPrior);
                table.policy()[text] = Math.exp(logPolicy);
            }
            return new Chain(table, tokenKl);
        }

        private static void normalise(double[] weights) {
            double total = Arrays.stream(weights).sum();
            Arrays.setAll(weights, i -> weights[i] / total);
        }

        private static double kl(double[] p, double[] q) {
            double sum = 0;
            for (int i = 0; i < p.length; i++) {
                sum += p[i] * Math.log(p[i] / q[i]);
            }
            return sum;
        }
    }

    static Map<String, Figure> draw(RandomGenerator random) {
        return draw((int) Draws.logUniform(random, 5, 501), random);
    }

    /** Of so many records a prompt and source. */
    static Map<String, Figure> draw(int records, RandomGenerator random) {
        boolean isCount = random.nextBoolean();
        double copies = Draws.logUniform(random, 0.1, 1.5);
        List<Chain> chains = new ArrayList<>();
        int prompts = 1 + random.nextInt(MOST_PROMPTS);
        for (int c = 0; c < prompts; c++) {
            chains.add(Chain.draw(random, isCount, copies));
        }
        World world = new World(
                World.Kind.TABLE,
                World.Family.LOG_NORMAL,
                chains.stream().map(Chain::table).toList(),
                copies * Draws.uniform(random, 0.5, 1.5));
        StepAudit truth = world.truth();
        Map<String, Figure> figures = new TreeMap<>();
        put(figures, "policy alone: ", log(chains, 0, records, random), world, truth);
        put(figures, "prior alone: ", log(chains, records, 0, random), world, truth);
        Map<String, Figure> both = new TreeMap<>();
        put(both, "both: ", log(chains, records, records, random), world, truth);
        both.keySet().retainAll(List.of("both: " + MEANS[0], "both: " + MEANS[1]));
        figures.putAll(both);
        return figures;
    }

    private static void put(Map<String, Figure> figures, String kind, RolloutLog log, World world, StepAudit truth) {
        StepAudit audit = Audit.of(log, world.options());
        audit.findings().forEach((id, finding) -> {
            boolean isMean = Arrays.asList(MEANS).contains(id);
            Finding exact = truth.findings().get(isMean ? MOVED : id);
            if (finding.stands()
                    && exact != null
                    && Double.isFinite(exact.estimate())
                    && !Double.isNaN(finding.lower())) {
                figures.put(kind + id, Figure.of(finding, exact.estimate()));
            }
        });
    }

    /** So many records a prompt; those of the policy carry their sums of divergences. */
    private static RolloutLog log(List<Chain> chains, int ofPrior, int ofPolicy, RandomGenerator random) {
        int perPrompt = ofPrior + ofPolicy;
        int size = chains.size() * perPrompt;
        double[] reward = new double[size];
        double[] logPrior = new double[size];
        double[] logPolicy = new double[size];
        double[] tokenKl = new double[size];
        byte[] source = new byte[size];
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < chains.size(); c++) {
            Chain chain = chains.get(c);
            double[] prior = Draws.cumulated(chain.table.prior());
            double[] policy = Draws.cumulated(chain.table.policy());
            int from = c * perPrompt;
            for (int i = from; i < from + perPrompt; i++) {
                boolean isPrior = i < from + ofPrior;
                int text = Draws.position(random, isPrior ? prior : policy);
                reward[i] = chain.table.reward()[text];
                logPrior[i] = Math.min(0, Math.log(chain.table.prior()[text]));
                logPolicy[i] = Math.min(0, Math.log(chain.table.policy()[text]));
                tokenKl[i] = isPrior ? Double.NaN : chain.tokenKl[text];
                source[i] = isPrior ? RolloutLog.PRIOR : RolloutLog.POLICY;
            }
            prompts.add(new RolloutLog.Prompt(
                    World.name(c), 1.0 / chains.size(), from, from + perPrompt, false, 0, List.of(), List.of()));
        }
        RolloutLog.Columns columns = new RolloutLog.Columns(
                        new double[][] {reward}, logPrior, logPolicy, source, null, null, null)
                .withTokenKl(tokenKl);
        return new RolloutLog(List.of(World.REWARD), List.of("prior", "policy"), prompts, columns);
    }
}
