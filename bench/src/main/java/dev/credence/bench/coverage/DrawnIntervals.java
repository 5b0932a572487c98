package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.KnownTexts;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.lab.conditioning.DrawnAudit;
import dev.credence.lab.conditioning.DrawnPrompt;
import dev.credence.methods.BestOfN;
import dev.credence.methods.ConditionedModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.Rejection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * What {@code condition} says of methods that draw, whose draws' probabilities are estimated from draws as well: rejection and best-of-n on
 * texts that are all known, so that the policy is a table too.
 */
final class DrawnIntervals {
    private static final int[] PROMPT = {0};
    private static final int MOST_BEST_OF = 8;
    private static final double MOST_EXCLUDED = .95; // of the prior's mass

    private DrawnIntervals() {}

    static Map<String, Figure> draw(RandomGenerator random) {
        SplittableRandom own = new SplittableRandom(random.nextLong());
        KnownWorld texts = KnownWorld.draw(own, 2 + own.nextInt(2), 2 + own.nextInt(3));
        int n = 2 + own.nextInt(MOST_BEST_OF - 1);
        double beta = Draws.logUniform(own, 0.4, 3);
        Map<String, Figure> figures = new TreeMap<>();
        put(
                figures,
                "rejection",
                texts,
                Rejection.atKl(beta),
                tilted(texts, 1 / beta),
                1 / beta,
                OptionalInt.empty(),
                own);
        put(figures, "best-of-n", texts, BestOfN.of(n), best(texts, n), 1 / beta, OptionalInt.of(n), own);
        putExcluded(figures, texts, n, 1 / beta, own);
        return figures;
    }

    /** Evidence that excludes texts: of a pool of which all are excluded one is taken nevertheless. */
    private static void putExcluded(
            Map<String, Figure> figures, KnownWorld texts, int n, double copies, SplittableRandom random) {
        double share = .2 + .7 * random.nextDouble();
        double[] rewards = texts.rewards().clone();
        double outside = 0;
        for (int i = 0; i < rewards.length; i++) {
            if (random.nextDouble() < share) {
                rewards[i] = Double.NEGATIVE_INFINITY;
                outside += Math.exp(texts.logPrior()[i]);
            }
        }
        if (outside < MOST_EXCLUDED) {
            KnownWorld partly = new KnownWorld(texts.letters(), texts.longest(), texts.logPrior(), rewards);
            Finding finding = said(partly, BestOfN.of(n), best(partly, n), copies, OptionalInt.of(n), random)
                    .findings
                    .get("mass.excluded");
            if (finding != null) {
                figures.put("best-of-n: mass.excluded", Figure.of(finding, Math.pow(outside, n)));
            }
        }
    }

    private static double[] prior(KnownWorld texts) {
        return Arrays.stream(texts.logPrior()).map(Math::exp).toArray();
    }

    private static double[] tilted(KnownWorld texts, double copies) {
        double[] joint = texts.joint(copies);
        double logZ = texts.logPartition(copies);
        return Arrays.stream(joint).map(log -> Math.exp(log - logZ)).toArray();
    }

    private static double[] best(KnownWorld texts, int n) {
        return WorldDrawer.bestOf(prior(texts), texts.rewards(), n);
    }

    private static void put(
            Map<String, Figure> figures,
            String name,
            KnownWorld texts,
            Conditioner.OnModels method,
            double[] policy,
            double copies,
            OptionalInt pool,
            SplittableRandom random) {
        Said said = said(texts, method, policy, copies, pool, random);
        Map<String, Double> truths = new TreeMap<>();
        said.world.truth().findings().forEach((id, finding) -> truths.put(id, finding.estimate()));
        if (pool.isPresent()) {
            truths.put("kl.policy_prior.subsets", truths.getOrDefault("kl.policy_prior", Double.NaN));
        } else {
            double most = Arrays.stream(texts.rewards()).max().orElseThrow();
            truths.put("acceptance", Math.exp(texts.logPartition(copies) - copies * most));
        }
        truths.forEach((id, truth) -> {
            Finding finding = said.findings.get(id);
            if (finding != null && Double.isFinite(truth) && !Double.isNaN(finding.lower())) {
                figures.put(name + ": " + id, Figure.of(finding, truth));
            }
        });
    }

    /** A world, and what an audit says of draws from it. */
    private record Said(World world, Map<String, Finding> findings) {}

    private static Said said(
            KnownWorld texts,
            Conditioner.OnModels method,
            double[] policy,
            double copies,
            OptionalInt pool,
            SplittableRandom random) {
        int prompts = 1 + random.nextInt(3);
        int records = (int) Draws.logUniform(random, 30, 1001);
        World world = new World(
                World.Kind.TABLE,
                World.Family.MEMBER,
                Collections.nCopies(prompts, new Table(prior(texts), policy, texts.rewards())),
                copies);
        TokenEvidence evidence = texts.evidence();
        DrawnEvidence asked = DrawnEvidence.of(ids -> evidence);
        KnownTexts model = texts.model();
        ConditionedModel conditioned = method.condition(model, asked, texts.longest() + 1);
        List<DrawnPrompt> drawn = new ArrayList<>();
        long looked = 0;
        for (int c = 0; c < prompts; c++) {
            List<Sample> ofPrior = model.sample(PROMPT, records, Sampling.upTo(texts.longest() + 1), random);
            double[] logLikelihoods = asked.logLikelihoods(PROMPT, ofPrior);
            List<ConditionedModel.Text> own = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                own.add(new ConditionedModel.Text(ofPrior.get(i), logLikelihoods[i]));
            }
            ConditionedModel.Drawn of = conditioned.sample(PROMPT, records, random);
            looked += of.priorDraws();
            drawn.add(new DrawnPrompt(World.name(c), 1.0 / prompts, PROMPT, own, of.texts(), of.logLikelihoods()));
        }
        return new Said(
                world,
                new DrawnAudit(drawn, conditioned, world.options(), pool, looked)
                        .run()
                        .audit()
                        .findings());
    }
}
