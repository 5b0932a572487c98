package dev.credence.lab.experiments;

import dev.credence.core.posterior.GradientFlow;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.training.PolicyGradient;
import dev.credence.methods.training.TabularPolicy;
import dev.credence.methods.training.Training;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Roads away from the prior, each stopped at a KL from it: exact ones, and those of methods that draw texts, over seeds. */
final class ImplicitPaths {
    private final EqualKl world;
    private final GradientFlow flow;
    private final ExperimentSettings settings;
    private final Listener listener;
    private final EqualKl.Sizes schedule;

    ImplicitPaths(EqualKl world, ExperimentSettings settings, Listener listener) {
        this.world = world;
        this.settings = settings;
        this.listener = listener;
        this.flow = GradientFlow.of(world.prior(), world.proxy());
        this.schedule = new EqualKl.Sizes(settings.count("steps"), settings.count("samples"));
    }

    /**
     * A run at a KL from the prior.
     *
     * @param place where it is
     * @param steps it took
     * @param stepKl mean KL(policy before a step‖policy behind it), nats
     */
    record Stop(EqualKl.AtKl place, double steps, double stepKl) {}

    static List<EqualKl.AtKl> places(List<Stop> stops) {
        return stops.stream().map(Stop::place).toList();
    }

    EqualKl.AtKl natural(double kl) {
        return natural(kl, 0);
    }

    EqualKl.AtKl natural(double kl, double beta) {
        double copies = world.place(world.explicit(kl)).copies();
        return world.place(world.naturalAt(kl, beta, copies));
    }

    /** Ordinary gradient flow; it comes as far as any conditional does. */
    EqualKl.AtKl vanilla(double kl) {
        return world.place(flow.toKl(kl)
                .orElseThrow(() -> new IllegalStateException("gradient flow ends before " + kl + " nats"))
                .policy());
    }

    /**
     * PPO without a penalty, at each of some KLs where it first comes by; the step that passes one is shortened to meet it.
     *
     * @param kls ascending
     * @return by KL all seeds' stops; none where not all came so far
     */
    Map<Double, List<Stop>> ppo(double[] kls) {
        Map<Double, List<Stop>> all = new LinkedHashMap<>();
        if (kls.length == 0) {
            return all;
        }
        PolicyGradient method =
                PolicyGradient.ppo().atKl(0).clip(settings.number("clip")).epochs(settings.count("epochs"));
        int seeds = settings.count("seeds");
        for (int seed = 0; seed < seeds; seed++) {
            Optimiser steady = Optimiser.adamW(LearningRate.constant(settings.number("rate")));
            try (TabularPolicy policy = new TabularPolicy(world.prior(), steady)) {
                Training training = world.begin(method, policy, schedule, steady);
                int passed = along(training, policy, kls, random(seed), all);
                listener.accept("PPO, run " + (seed + 1) + " of " + seeds + ": " + passed + " of " + kls.length
                        + " places reached");
            }
        }
        all.values().removeIf(stops -> stops.size() < seeds);
        return all;
    }

    private int along(
            Training training,
            TabularPolicy policy,
            double[] kls,
            SplittableRandom random,
            Map<Double, List<Stop>> all) {
        TableModel before = policy.table();
        double moved = 0;
        int next = 0;
        for (int step = 1; step <= schedule.steps() && next < kls.length; step++) {
            training.step(random);
            TableModel after = policy.table();
            moved += world.kl(before, after);
            double kl = world.kl(after);
            for (; next < kls.length && kl >= kls[next]; next++) {
                TableModel at = world.between(before, after, kls[next]);
                all.computeIfAbsent(kls[next], key -> new ArrayList<>())
                        .add(new Stop(world.place(at), step, moved / step));
            }
            before = after;
        }
        return next;
    }

    /** RLOO under a coefficient that is steered to a KL, at its end, over seeds. */
    List<EqualKl.AtKl> adaptive(double kl) {
        PolicyGradient method = PolicyGradient.rloo()
                .atKl(settings.number("adaptive.beta") * world.deviation())
                .adaptiveKl(kl);
        List<EqualKl.AtKl> ends = new ArrayList<>();
        for (int seed = 0; seed < settings.count("seeds"); seed++) {
            Optimiser falling = Optimiser.adamW(LearningRate.cosine(settings.number("rate"), 0, schedule.steps(), 0));
            try (TabularPolicy policy = new TabularPolicy(world.prior(), falling)) {
                Training training = world.begin(method, policy, schedule, falling);
                SplittableRandom random = random(seed);
                for (int step = 0; step < schedule.steps(); step++) {
                    training.step(random);
                }
                ends.add(world.place(policy.table()));
            }
        }
        listener.accept("a coefficient steered to " + kl + " nats: " + ends.size() + " runs");
        return ends;
    }

    private SplittableRandom random(int run) {
        return new SplittableRandom(settings.whole("seed") + run);
    }
}
