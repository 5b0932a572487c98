package dev.credence.lab.experiments;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.SharedPolicy;
import dev.credence.methods.training.TableTasks;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingDivergedException;
import dev.credence.methods.training.TrainingRun;
import dev.credence.methods.training.TrainingSettings;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A method on a table, with the one setting that decides how far it goes: β, a share, a number of draws, or where it stops. That
 * setting is solved for a KL from the prior. Methods that train do so on enumerated texts, to their limit or until they stop.
 */
final class BudgetedMethod {
    private static final double CLOSE = 1e-6; // of the KL wanted
    private static final int MOST_SEARCHED = 40;
    private static final int MOST_DRAWS = 1 << 14;
    private static final int MOST_STEPS = 5000;

    private final Conditioner method;
    private final Turn turn;

    /** The setting that decides how far a method goes. */
    private enum Turn {
        /** KL falls with β. */
        BETA,
        /** KL falls with the share q. */
        SHARE,
        /** KL rises with the number n; whole, so that a KL is met as near as a number of draws can. */
        NUMBER,
        /** It stops at a KL by itself, exactly. */
        EXACT_STOP,
        /** It has no penalty, and is stopped by the first step that reaches a KL. */
        EARLY_STOP,
        /** There is none. */
        NONE
    }

    /**
     * A method that met a KL.
     *
     * @param options what was set
     * @param trained the policy on the prompts it was solved for
     * @param everywhere the policy on all prompts: what a sampler does when it is asked there, or what trained parameters do
     */
    record Met(MethodOptions options, TableModel trained, TableModel everywhere) {}

    private BudgetedMethod(Conditioner method, Turn turn) {
        this.method = method;
        this.turn = turn;
    }

    /**
     * A method by name.
     *
     * @param name of any method on tables that needs no demonstrations
     * @throws InputException if there is none, or it brings its own evidence
     */
    static BudgetedMethod of(String name) {
        Conditioner method;
        try {
            method = Methods.byName(name);
        } catch (InputException e) {
            throw InputException.ofSetting("methods", name, e.rule());
        }
        if (!(method instanceof Conditioner.OnTables)
                || List.of("prompt", "sft").contains(method.card().name())) {
            throw InputException.ofSetting(
                    "methods", name, "a method that works on tables and is given a reward alone");
        }
        return new BudgetedMethod(method, turn(method));
    }

    private static Turn turn(Conditioner method) {
        return switch (method.card().name()) {
            case "natural-gradient" -> Turn.EXACT_STOP;
            case "ppo", "dr-grpo", "dapo" -> Turn.EARLY_STOP;
            default ->
                has(method, "beta")
                        ? Turn.BETA
                        : has(method, "q") ? Turn.SHARE : has(method, "n") ? Turn.NUMBER : Turn.NONE;
        };
    }

    private static boolean has(Conditioner method, String option) {
        return method.card().options().stream().map(MethodOption::name).anyMatch(option::equals);
    }

    /** Whether it trains parameters, so that it matters what these do on other prompts. */
    boolean isTrained() {
        return method instanceof TrainedConditioner;
    }

    /** How it is told to go so far, for a caption. */
    String how() {
        return switch (turn) {
            case BETA -> "β";
            case SHARE -> "share q";
            case NUMBER -> "number n";
            case EXACT_STOP, EARLY_STOP -> "early stop";
            case NONE -> "as it is";
        };
    }

    /**
     * Solves for a KL.
     *
     * @param prior of all prompts
     * @param trained the prompts that it is solved and trained on, out of these
     * @param reward the reward
     * @param nats the KL from the prior, mean over the trained prompts
     * @param isShared whether a method that trains has one parameter a text instead of a table
     * @return the policies; null where it cannot go so far, or where its procedure diverges there
     */
    @Nullable
    Met at(TableModel prior, TableModel trained, RewardFunction reward, double nats, boolean isShared) {
        double scale = deviation(trained, reward);
        if (!(scale > 0)) {
            return null; // a reward that is constant on every prompt is evidence of nothing
        }
        DoubleFunction<@Nullable Met> run = x -> run(prior, trained, reward, options(x, scale, nats), isShared);
        return switch (turn) {
            case BETA -> solved(trained, run, scale / Math.sqrt(2 * nats), nats, Double.POSITIVE_INFINITY);
            case SHARE -> solved(trained, run, Math.exp(-nats), nats, 1);
            case NUMBER -> number(trained, run, nats);
            case EXACT_STOP, EARLY_STOP -> reached(trained, run.apply(nats), nats);
            case NONE -> run.apply(0);
        };
    }

    /** The same method as it was set before, on another prior; null where its procedure diverges there. */
    @Nullable
    Met as(MethodOptions options, TableModel prior, RewardFunction reward) {
        return run(prior, prior, reward, options, false);
    }

    private MethodOptions options(double x, double scale, double nats) {
        MethodOptions options = MethodOptions.none();
        if (has(method, "population")) {
            options = options.with("population", "true");
        }
        return switch (turn) {
            case BETA -> rate(options.with("beta", x), x);
            case SHARE -> options.with("q", x);
            case NUMBER -> options.with("n", (int) x);
            case EXACT_STOP ->
                options.with("target-kl", nats).with("lr", 0.1 / scale).with("steps", MOST_STEPS);
            case EARLY_STOP ->
                options.with("beta", 0)
                        .with("target-kl", nats)
                        .with("steps", 4 * MOST_STEPS)
                        .with("optimiser", "sgd")
                        .with("lr", 0.02 * Math.min(1, nats) / (isStandardised() ? 1 : scale));
            case NONE -> options;
        };
    }

    private boolean isStandardised() {
        return method.card().name().equals("dapo");
    }

    /** Natural steps that settle within some hundreds whatever the reward's scale. */
    private MethodOptions rate(MethodOptions options, double beta) {
        return switch (method.card().name()) {
            case "rloo", "reinforce" -> options.with("lr", 0.1 / beta);
            case "dpo" -> options.with("lr", 0.4 / (beta * beta));
            default -> options;
        };
    }

    private @Nullable Met run(
            TableModel prior, TableModel trained, RewardFunction reward, MethodOptions options, boolean isShared) {
        Evidence asked = Evidence.reward(reward, RewardType.SCORE).times(1);
        Conditioner.OnTables set = (Conditioner.OnTables) method.with(options);
        try {
            if (set instanceof TrainedConditioner training) {
                if (isShared) {
                    return shared(prior, trained, training, asked, options);
                }
                TableModel policy = training.condition(trained, asked, new SplittableRandom(0))
                        .policy();
                return new Met(
                        options,
                        policy,
                        prior.map(
                                (prompt, texts) -> trained.prompts().contains(prompt) ? policy.given(prompt) : texts));
            }
            TableModel policy =
                    set.condition(prior, asked, new SplittableRandom(0)).policy();
            return new Met(options, policy, policy);
        } catch (NoPosteriorException | TrainingDivergedException e) {
            return null;
        }
    }

    private static Met shared(
            TableModel prior, TableModel trained, TrainedConditioner training, Evidence asked, MethodOptions options) {
        TrainingSettings settings = training.at(TrainingSettings.Place.TABLE);
        try (SharedPolicy policy = new SharedPolicy(trained, settings.optimiser())) {
            new TrainingRun(
                            training.begin(policy, TableTasks.of(trained, asked), settings),
                            settings.steps(),
                            training.stopAtKl())
                    .run(new SplittableRandom(settings.seed()), step -> {});
            return new Met(options, policy.on(trained), policy.on(prior));
        }
    }

    /** KL from the prior, mean over the trained prompts; infinite where there is no policy. */
    static double kl(TableModel trained, @Nullable Met met) {
        if (met == null) {
            return Double.NaN;
        }
        double sum = 0;
        for (String prompt : trained.prompts()) {
            sum += trained.weight(prompt) * Divergences.kl(met.trained.given(prompt), trained.given(prompt));
        }
        return sum;
    }

    private static @Nullable Met reached(TableModel trained, @Nullable Met met, double nats) {
        return kl(trained, met) >= nats * (1 - 1e-3) ? met : null;
    }

    /** By a bracket that doubles, then by false position in logarithms (the Illinois rule). A smaller setting goes further. */
    private static @Nullable Met solved(
            TableModel trained, DoubleFunction<@Nullable Met> run, double guess, double nats, double most) {
        double ceiling = Math.log(most) - 1e-9;
        double from = Math.min(Math.log(guess), ceiling);
        Met met = run.apply(Math.exp(from));
        double at = error(trained, met, nats);
        double to = from;
        double there = at;
        for (int k = 0; k < MOST_SEARCHED && at * there > 0 && Math.abs(there) > CLOSE; k++) {
            from = to;
            at = there;
            to = Math.min(from + Math.signum(at) * Math.log(2), ceiling);
            met = run.apply(Math.exp(to));
            there = error(trained, met, nats);
            boolean stands = to == from || Math.abs(there - at) < 1e-12;
            if (stands || Double.isNaN(there)) {
                return null;
            }
        }
        for (int k = 0; k < 2 * MOST_SEARCHED && Math.abs(there) > CLOSE; k++) {
            if (!(at * there < 0)) {
                return null;
            }
            double middle = k % 4 == 3 ? (from + to) / 2 : (from * there - to * at) / (there - at);
            met = run.apply(Math.exp(middle));
            double here = error(trained, met, nats);
            if (here * there > 0) {
                at /= 2;
            } else {
                from = to;
                at = there;
            }
            to = middle;
            there = here;
        }
        return Math.abs(there) <= CLOSE ? met : null;
    }

    /** log of the KL over the one wanted. */
    private static double error(TableModel trained, @Nullable Met met, double nats) {
        return Math.log(Math.max(1e-300, kl(trained, met)) / nats);
    }

    /** The number whose KL is nearest; none where even many draws fall short by half. */
    private static @Nullable Met number(TableModel trained, DoubleFunction<@Nullable Met> run, double nats) {
        Met below = run.apply(1);
        for (int n = 2; n <= MOST_DRAWS; n = n < 64 ? n + 1 : n + n / 16) {
            Met here = run.apply(n);
            double kl = kl(trained, here);
            if (Double.isNaN(kl)) {
                return null;
            }
            if (kl >= nats) {
                return n > 2 && nats - kl(trained, below) < kl - nats ? below : here;
            }
            below = here;
        }
        return null;
    }

    /** √ of the mean variance within a prompt under the prior. */
    private static double deviation(TableModel prior, RewardFunction reward) {
        double variance = 0;
        for (String prompt : prior.prompts()) {
            double[] r = reward.rewards(prompt, prior.given(prompt));
            double mean = prior.given(prompt).expectation(r);
            double[] squares = r.clone();
            for (int i = 0; i < r.length; i++) {
                squares[i] = (r[i] - mean) * (r[i] - mean);
            }
            variance += prior.weight(prompt) * prior.given(prompt).expectation(squares);
        }
        return variance > 1e-24 ? Math.sqrt(variance) : 0;
    }
}
