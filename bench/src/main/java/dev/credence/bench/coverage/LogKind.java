package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.bench.coverage.TextWorld.Rewards;
import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Kinds of logs, one a row of a table of coverage: what real logs have and the mix of worlds has not. */
enum LogKind {
    /** Rare levels, every draw scored. */
    LEVELS_ALL("levels, 1,000 → all", levels(1.5), DrawCounts.plain(1_000, 1_000)),
    /** Rare levels, most draws scored away. */
    LEVELS_THINNED("levels, 20,000 → 1,000", levels(1.5), DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** The same with a wide departure. */
    LEVELS_WIDE("levels, wide, 20,000 → 1,000", levels(2.5), DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** The same with many draws. */
    LEVELS_MANY("levels, wide, 100,000 → 1,000", levels(2.5), DrawCounts.thinned(100_000, 1_000, 1_000)),
    /** Policy draws thinned as well. */
    LEVELS_BOTH(
            "levels, 20,000 → 1,000, policy 5,000 → 1,000",
            levels(1.5),
            new DrawCounts(20_000, 1_000, 5_000, 1_000, 1)),
    /** Counts, every draw scored. */
    COUNT_ALL("counts, 1,000 → all", counts(), DrawCounts.plain(1_000, 1_000)),
    /** Counts, thinned. */
    COUNT_THINNED("counts, 20,000 → 1,000", counts(), DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** Counts, many draws. */
    COUNT_MANY("counts, 100,000 → 1,000", counts(), DrawCounts.thinned(100_000, 1_000, 1_000)),
    /** A continuous reward, every draw scored. */
    NORMAL_ALL("normal, 1,000 → all", normal(), DrawCounts.plain(1_000, 1_000)),
    /** A continuous reward, thinned. */
    NORMAL_THINNED("normal, 50,000 → 1,000", normal(), DrawCounts.thinned(50_000, 1_000, 1_000)),
    /** Draws that depend on each other, marked by {@code group}. */
    GROUPS(
            "groups of 8, 400",
            new TextWorld(Rewards.COUNT, 20_000, 1.5, 0.8, 1.5),
            new DrawCounts(400, 400, 400, 400, 8)),
    /** Many prompts with few records each. */
    MANY_THIN("2,000 prompts × 8", new TextWorld(Rewards.COUNT, 300, 1.2, 0.5, 1.2), DrawCounts.plain(8, 8)),
    /** Few records of small tables. */
    FEW("4 prompts × 20, small tables", null, DrawCounts.plain(20, 20)),
    /** Eight prompts of many like them. */
    POPULATION_8("population, 8 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Twelve. */
    POPULATION_12("population, 12 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Twenty. */
    POPULATION_20("population, 20 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Forty. */
    POPULATION_40("population, 40 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Twenty, of which few carry most of the departure. */
    POPULATION_SKEWED("population, skewed, 20 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** A reward with an exponential tail, tilted to where its weights have two moments at most. */
    EXPONENTIAL_THINNED(
            "exponential, 20,000 → 1,000",
            world(Rewards.EXPONENTIAL, 0.4, 0.6),
            DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** The same tilted past where a posterior exists. */
    EXPONENTIAL_BEYOND(
            "exponential, no posterior, 20,000 → 1,000",
            world(Rewards.EXPONENTIAL, 0.4, 1.2),
            DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** A reward of which no tilt has a mean. */
    LOG_NORMAL_THINNED(
            "log-normal, 20,000 → 1,000",
            world(Rewards.LOG_NORMAL, 0.2, 0.5),
            DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** A bounded reward whose bounds are not stated. */
    UNIFORM_THINNED("uniform, 20,000 → 1,000", world(Rewards.UNIFORM, 2, 4), DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** A posterior that a policy near the prior does not help to reach. */
    NORMAL_UNMOVED(
            "normal, unmoved policy, 20,000 → 1,000",
            world(Rewards.NORMAL, 0.2, 1.5),
            DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** The same further out than the draws reach. */
    NORMAL_BEYOND(
            "normal, unmoved policy, out of reach",
            world(Rewards.NORMAL, 0.1, 3),
            DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** Texts that hardly recur. */
    NORMAL_FLAT(
            "normal, texts hardly recur, 20,000 → 1,000",
            new TextWorld(Rewards.NORMAL, 60_000, 1.5, 0.7, 2, 0.5),
            DrawCounts.thinned(20_000, 1_000, 1_000)),
    /** A prompt of two records a source among others with enough: a log that is still being written. */
    ONE_THIN("8 prompts × 300, one of 2", null, DrawCounts.plain(300, 300)),
    /** One with as many as a run's first step gives it. */
    ONE_OF_FOUR("8 prompts × 300, one of 4", null, DrawCounts.plain(300, 300)),
    /** Groups that no field names: rewards standardised in blocks, as a group method leaves them. */
    GROUPS_UNNAMED(
            "groups of 8 without the field, 400",
            new TextWorld(Rewards.COUNT, 20_000, 1.5, 0.8, 1.5),
            new DrawCounts(400, 400, 400, 400, 8)),
    /** Eight prompts of which few carry most of the departure. */
    POPULATION_SKEWED_8("population, skewed, 8 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Twelve of them. */
    POPULATION_SKEWED_12("population, skewed, 12 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Eight of which few carry most of the move, at one departure. */
    POPULATION_UNEVEN("population, uneven copies, 8 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Eight of which departure and copies vary more still. */
    POPULATION_STEEP("population, steep, 8 prompts × 200", null, DrawCounts.plain(200, 200)),
    /** Prompts as a trainer's batch has them, with the records of one group of each. */
    BATCH_8("300 prompts × 8", batch(), DrawCounts.plain(8, 8)),
    /** Two groups. */
    BATCH_16("300 prompts × 16", batch(), DrawCounts.plain(16, 16)),
    /** Four. */
    BATCH_32("300 prompts × 32", batch(), DrawCounts.plain(32, 32));

    private static final int PROMPTS = 8;
    private static final int POPULATION = 2_000;
    private static final String KL = "kl.policy_prior";
    private static final String OF_POPULATION = ".population";
    private static final Set<String> NUISANCES = Set.of("nuisance.log_prior", "nuisance.reward_squared");

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // of numbers that nothing writes to
    private final @Nullable TextWorld world; // null: a small table of the mix

    @SuppressWarnings("ImmutableEnumChecker") // a record
    private final DrawCounts sampling;

    LogKind(String title, @Nullable TextWorld world, DrawCounts sampling) {
        this.title = title;
        this.world = world;
        this.sampling = sampling;
    }

    private static TextWorld levels(double departure) {
        return new TextWorld(Rewards.LEVELS, 20_000, 7, departure, 20);
    }

    private static TextWorld batch() {
        return new TextWorld(Rewards.NORMAL, 300, 0.5, 1, 0.2);
    }

    private static TextWorld counts() {
        return new TextWorld(Rewards.COUNT, 20_000, 4.7, 1.5, 10);
    }

    private static TextWorld normal() {
        return world(Rewards.NORMAL, 2, 3);
    }

    private static TextWorld world(Rewards rewards, double copies, double asked) {
        return new TextWorld(rewards, 20_000, copies, 0.7, asked);
    }

    String title() {
        return title;
    }

    private int prompts() {
        return switch (this) {
            case MANY_THIN -> 2_000;
            case BATCH_8, BATCH_16, BATCH_32 -> 300;
            case ONE_THIN, ONE_OF_FOUR -> PROMPTS + 1;
            case FEW -> 4;
            case POPULATION_12, POPULATION_SKEWED_12 -> 12;
            case POPULATION_20, POPULATION_SKEWED -> 20;
            case POPULATION_40 -> 40;
            default -> PROMPTS;
        };
    }

    /** Draws a world and a log of it; the audit's figures beside the truth, by id. */
    Map<String, Figure> sample(RandomGenerator random) {
        return world == null ? small(random) : texts(world, random);
    }

    private Map<String, Figure> texts(TextWorld of, RandomGenerator random) {
        List<Table> tables = of.tables(prompts(), random);
        List<Table> drawn = this == GROUPS || this == GROUPS_UNNAMED
                ? tables.stream().map(TextWorld::sorted).toList()
                : tables;
        StepAudit audit = audit(drawn, of.asked(), of.copies(), random);
        Map<String, Double> truth = Enumeration.of(drawn, of.asked());
        if (this == GROUPS_UNNAMED) {
            truth.keySet().retainAll(Set.of(KL)); // a standardised reward is none of the text's own
        }
        return figures(audit, truth);
    }

    private Map<String, Figure> small(RandomGenerator random) {
        boolean population = name().startsWith("POPULATION");
        int size = prompts() + (population ? POPULATION : 0);
        World all = switch (this) {
            case POPULATION_SKEWED, POPULATION_SKEWED_8, POPULATION_SKEWED_12 ->
                skewed(size, new Spread(1, 0.5, 0.3, 1), random);
            case POPULATION_UNEVEN -> skewed(size, new Spread(0.5, 0.8, 0.4, 0), random);
            case POPULATION_STEEP -> skewed(size, new Spread(1, 0.7, 0.2, 1.3), random);
            default -> WorldDrawer.ofOnePlan(size, random);
        };
        List<Table> tables = all.tables().subList(0, prompts());
        StepAudit audit = audit(tables, all.askedCopies(), 1, random);
        Map<String, Double> truth = Enumeration.of(tables, all.askedCopies());
        if (population) {
            Enumeration.of(all.tables().subList(prompts(), all.tables().size()), all.askedCopies())
                    .forEach((id, value) -> truth.put(id + OF_POPULATION, value));
        }
        Map<String, Finding> exact = new World(all.kind(), all.family(), tables, all.askedCopies())
                .truth()
                .findings();
        NUISANCES.forEach(
                id -> truth.put(id, Objects.requireNonNull(exact.get(id)).estimate()));
        return figures(audit, truth);
    }

    /** Medians of log-normal copies and of log-normal noise at equal reward, and the deviations of their logarithms. */
    private record Spread(double copies, double ofCopies, double noise, double ofNoise) {}

    /** Departures and copies that vary over prompts by factors. */
    private static World skewed(int prompts, Spread spread, RandomGenerator random) {
        List<Table> tables = new ArrayList<>();
        for (int c = 0; c < prompts; c++) {
            double copies = spread.copies * Math.exp(spread.ofCopies * random.nextGaussian());
            double noise = Math.min(2, spread.noise * Math.exp(spread.ofNoise * random.nextGaussian()));
            tables.add(VerdictWorlds.of(30, random)
                    .levels(3)
                    .tilt(copies)
                    .noise(noise)
                    .table());
        }
        return new World(World.Kind.TABLE, World.Family.LOG_NORMAL, tables, 1);
    }

    private StepAudit audit(List<Table> tables, double asked, double copies, RandomGenerator random) {
        RolloutLog log = sampling.draw(tables, copies, ofLast(), random);
        return Audit.of(
                this == GROUPS_UNNAMED ? sampling.unnamed(log) : log, AuditOptions.atBeta(World.REWARD, 1 / asked));
    }

    private DrawCounts ofLast() {
        return switch (this) {
            case ONE_THIN -> DrawCounts.plain(2, 2);
            case ONE_OF_FOUR -> DrawCounts.plain(4, 4);
            default -> sampling;
        };
    }

    private static Map<String, Figure> figures(StepAudit audit, Map<String, Double> truth) {
        Map<String, Figure> figures = new TreeMap<>();
        truth.forEach((id, value) -> {
            Finding finding = audit.findings().get(id);
            if (finding != null && Double.isFinite(value) && !Double.isNaN(finding.lower())) {
                figures.put(id, Figure.of(finding, value));
            }
        });
        return figures;
    }
}
