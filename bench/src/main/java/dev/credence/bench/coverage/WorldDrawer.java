package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Family;
import dev.credence.bench.coverage.World.Kind;
import dev.credence.bench.coverage.World.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws worlds of all sorts: small tables and text-like ones, two, three or continuously many rewards, members of the
 * tilt family and four ways not to be one. The mix was fixed before any coverage was looked at.
 */
final class WorldDrawer {
    private static final double TEXT_SHARE = 0.15;
    private static final int MOST_TEXT_PROMPTS = 8;
    private static final double LEAST_MASS = 1e-9;
    private static final double TEXT_SPREAD = 2.5;
    private static final double VARIATION = 0.3; // of ln λ over prompts

    private enum Rewards {
        TWO,
        THREE,
        NORMAL
    }

    /** What all prompts of a world have in common. */
    private record Plan(
            Kind kind,
            Family family,
            Rewards rewards,
            double copies,
            double variation,
            int size,
            double concentration,
            double noise,
            int draws,
            double temperature) {}

    private WorldDrawer() {}

    /** A world of up to so many prompts (text-like ones have at most eight). */
    static World draw(int prompts, RandomGenerator random) {
        Plan plan = plan(random);
        int count = plan.kind == Kind.TEXT ? Math.min(prompts, MOST_TEXT_PROMPTS) : prompts;
        List<Table> tables = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            tables.add(table(plan, random));
        }
        double uniform = random.nextDouble();
        double stated = uniform < 0.6 ? 1 : uniform < 0.8 ? 0.5 : 1.5;
        return new World(plan.kind, plan.family, tables, stated * scale(plan) * plan.copies);
    }

    /** Small tables that are no members and have all but the draw of the prompt in common: prompts of one population. */
    static World ofOnePlan(int prompts, RandomGenerator random) {
        Plan plan;
        do {
            plan = plan(random);
        } while (plan.kind == Kind.TEXT || plan.family == Family.MEMBER);
        List<Table> tables = new ArrayList<>();
        for (int c = 0; c < prompts; c++) {
            tables.add(table(plan, random));
        }
        return new World(plan.kind, plan.family, tables, plan.copies);
    }

    private static Plan plan(RandomGenerator random) {
        Kind kind = random.nextDouble() < TEXT_SHARE ? Kind.TEXT : Kind.TABLE;
        Family family = family(kind, random.nextDouble());
        double noise = switch (family) {
            case LOG_NORMAL -> Draws.uniform(random, 0.1, 1.4);
            case NEAR -> Draws.logUniform(random, 1e-5, 0.05);
            default -> 0;
        };
        boolean varies = random.nextBoolean() && family != Family.MEMBER;
        return new Plan(
                kind,
                family,
                Rewards.values()[random.nextInt(Rewards.values().length)],
                Draws.logUniform(random, 0.2, 4),
                varies ? VARIATION : 0,
                Draws.oneOf(random, 20_000, 60_000),
                new double[] {0.3, 1, 3}[random.nextInt(3)],
                noise,
                2 + random.nextInt(7),
                family == Family.SHARPENED ? Draws.uniform(random, 0.6, 1.3) : 1);
    }

    private static Family family(Kind kind, double uniform) {
        if (uniform < 0.2) {
            return Family.MEMBER;
        }
        if (kind == Kind.TEXT) {
            return uniform < 0.85 ? Family.LOG_NORMAL : Family.BEST_OF;
        }
        if (uniform < 0.65) {
            return Family.LOG_NORMAL;
        }
        if (uniform < 0.75) {
            return Family.NEAR;
        }
        return uniform < 0.9 ? Family.BEST_OF : Family.SHARPENED;
    }

    /** Rewards of texts are rarely large, so that the same tilt takes more copies. */
    private static double scale(Plan plan) {
        return plan.kind == Kind.TEXT && plan.rewards != Rewards.NORMAL ? 1.5 : 1;
    }

    private static Table table(Plan plan, RandomGenerator random) {
        double[] prior;
        double[] reward;
        do {
            int size = plan.kind == Kind.TEXT ? plan.size : 3 + random.nextInt(38);
            prior = prior(plan, size, random);
            reward = new double[size];
            for (int i = 0; i < size; i++) {
                reward[i] = reward(plan, random);
            }
        } while (Arrays.stream(reward).max().getAsDouble()
                == Arrays.stream(reward).min().getAsDouble());
        double copies = scale(plan) * plan.copies * Math.exp(plan.variation * random.nextGaussian());
        double[] policy = plan.family == Family.BEST_OF
                ? bestOf(prior, reward, plan.draws)
                : tilted(plan, prior, reward, copies, random);
        return new Table(prior, policy, reward);
    }

    private static double[] prior(Plan plan, int size, RandomGenerator random) {
        double[] prior;
        if (plan.kind == Kind.TEXT) {
            prior = new double[size];
            for (int i = 0; i < size; i++) {
                prior[i] = Math.exp(TEXT_SPREAD * random.nextGaussian());
            }
        } else {
            prior = Draws.dirichlet(random, plan.concentration, size);
        }
        double total = Arrays.stream(prior).sum();
        for (int i = 0; i < size; i++) {
            prior[i] = plan.kind == Kind.TEXT ? prior[i] / total : Math.max(prior[i] / total, LEAST_MASS);
        }
        return prior;
    }

    private static double reward(Plan plan, RandomGenerator random) {
        boolean text = plan.kind == Kind.TEXT;
        if (plan.rewards == Rewards.NORMAL) {
            return (text ? 0.7 : 1) * random.nextGaussian();
        }
        double uniform = random.nextDouble();
        if (text) {
            return uniform < 0.94 ? 0 : uniform < 0.99 ? 0.5 : 1;
        }
        return plan.rewards == Rewards.TWO ? Math.rint(uniform) : Math.floor(3 * uniform) / 2;
    }

    private static double[] tilted(Plan plan, double[] prior, double[] reward, double copies, RandomGenerator random) {
        double[] logWeight = new double[prior.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < prior.length; i++) {
            double noise = plan.noise > 0 ? plan.noise * random.nextGaussian() : 0;
            logWeight[i] = (Math.log(prior[i]) + copies * reward[i]) / plan.temperature + noise;
            largest = Math.max(largest, logWeight[i]);
        }
        for (int i = 0; i < prior.length; i++) {
            logWeight[i] = Math.exp(logWeight[i] - largest);
        }
        return logWeight;
    }

    /** Each reward's share of the best of n draws is F^n less the F^n below it; ties keep the prior's proportions. */
    static double[] bestOf(double[] prior, double[] reward, int draws) {
        int[] order = IntStream.range(0, prior.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> reward[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double total = Arrays.stream(prior).sum();
        double[] policy = new double[prior.length];
        double below = 0;
        for (int from = 0, to; from < order.length; from = to) {
            double mass = 0;
            for (to = from; to < order.length && reward[order[to]] == reward[order[from]]; to++) {
                mass += prior[order[to]] / total;
            }
            double share = Math.pow(Math.min(1, below + mass), draws) - Math.pow(below, draws);
            for (int k = from; k < to; k++) {
                policy[order[k]] = prior[order[k]] / total * (share / mass);
            }
            below = Math.min(1, below + mass);
        }
        return policy;
    }
}
