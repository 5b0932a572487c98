package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.Pilot;
import dev.credence.lab.audits.PilotPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Intervals of parts of a log: of one prompt, of prompts that were held out, and of the log that a pilot plans. */
final class SplitIntervals {
    private static final int TRAINED = 4; // prompts, and as many held out
    private static final double LARGEST_DEPARTURE = 1.2;
    private static final double MOST_GROWTH = 20;
    private static final double[] ROOM = {1.1, 1.5}; // of a width that was planned

    private SplitIntervals() {}

    static Map<String, Figure> draw(RandomGenerator random) {
        Map<String, Figure> figures = new TreeMap<>();
        World world;
        StepAudit truth;
        do {
            world = WorldDrawer.draw(2 * TRAINED, random);
            truth = world.truth();
        } while (!isDescribed(truth));
        int records = (int) Draws.logUniform(random, 50, 1001);
        RolloutLog log = world.draw(records, records, random);
        ofOnePrompt(Audit.of(log, world.options()), truth, random, figures);
        heldOut(world, log, figures);
        planned(world, random, figures);
        return figures;
    }

    private static boolean isDescribed(StepAudit truth) {
        return finding(truth, "kl.departure").estimate() <= LARGEST_DEPARTURE
                && Double.isFinite(finding(truth, "copies.moment_match").estimate());
    }

    private static Finding finding(StepAudit audit, String id) {
        return Objects.requireNonNull(audit.findings().get(id), id);
    }

    /** One prompt of each log, since prompts of a log are not independent. */
    private static void ofOnePrompt(
            StepAudit audit, StepAudit truth, RandomGenerator random, Map<String, Figure> figures) {
        int place = random.nextInt(truth.prompts().size());
        PromptAudit exact = truth.prompts().get(place);
        audit.prompts().get(place).findings().forEach((id, finding) -> {
            Finding own = exact.findings().get(id);
            if (own != null && Double.isFinite(own.estimate()) && !Double.isNaN(finding.lower())) {
                figures.put("one prompt: " + id, Figure.of(finding, own.estimate()));
            }
        });
    }

    /** The truth by plain sums over the tables, at the exact λ of the prompts that were trained on. */
    private static void heldOut(World world, RolloutLog log, Map<String, Figure> figures) {
        int trained = world.tables().size() / 2;
        if (trained == 0) {
            return; // a world of one prompt
        }
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (RolloutLog.Prompt p : log.prompts()) {
            prompts.add(new RolloutLog.Prompt(
                    p.text(), p.weight(), p.from(), p.to(), prompts.size() >= trained, 0, List.of(), List.of()));
        }
        StepAudit audit =
                Audit.of(new RolloutLog(log.rewardNames(), log.sources(), prompts, log.columns()), world.options());
        World train = new World(world.kind(), world.family(), world.tables().subList(0, trained), world.askedCopies());
        double copies = finding(train.truth(), "copies.moment_match").estimate();
        if (!Double.isFinite(copies)) {
            return;
        }
        double departure = 0;
        double moved = 0;
        List<Table> held = world.tables().subList(trained, world.tables().size());
        for (Table table : held) {
            departure += departure(table, copies) / held.size();
            moved += departure(table, 0) / held.size();
        }
        for (Map.Entry<String, Double> exact : Map.of(
                        "kl.departure.heldout", departure, "bayes_fraction.heldout", 1 - departure / moved)
                .entrySet()) {
            Finding finding = audit.findings().get(exact.getKey());
            if (finding != null && !Double.isNaN(finding.lower())) {
                figures.put(exact.getKey(), Figure.of(finding, exact.getValue()));
            }
        }
    }

    /** KL(π‖π0 e^{λr}/Z), nats. */
    static double departure(Table table, double copies) {
        double prior = 0;
        double policy = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < table.reward().length; i++) {
            prior += table.prior()[i];
            policy += table.policy()[i];
            most = Math.max(most, copies * table.reward()[i]);
        }
        double partition = 0;
        double sum = 0;
        for (int i = 0; i < table.reward().length; i++) {
            double p = table.policy()[i] / policy;
            partition += table.prior()[i] / prior * Math.exp(copies * table.reward()[i] - most);
            sum += p * (Math.log(p) - Math.log(table.prior()[i] / prior) - copies * table.reward()[i]);
        }
        return sum + most + Math.log(partition);
    }

    /** A log as large as a pilot says, whose interval should be as narrow as was asked for, or not much wider. */
    private static void planned(World world, RandomGenerator random, Map<String, Figure> figures) {
        World pair = new World(
                world.kind(),
                world.family(),
                world.tables().subList(0, Math.min(2, world.tables().size())),
                world.askedCopies());
        int records = (int) Draws.logUniform(random, 50, 401);
        RolloutLog log = pair.draw(records, records, random);
        Pilot pilot = new Pilot(
                new AuditOutcome(
                        "pilot",
                        "",
                        pair.options().reward(),
                        List.of(Audit.of(log, pair.options())),
                        List.of(),
                        Map.of(),
                        List.of()),
                log,
                pair.options());
        for (String id : new String[] {"kl.policy_prior", "kl.departure", "bayes_fraction", "log_z"}) {
            Finding finding = finding(pilot.audit(), id);
            double width = (finding.upper() - finding.lower()) / Draws.logUniform(random, 1.5, 4);
            if (!finding.stands() || !(width > 0 && Double.isFinite(width))) {
                continue;
            }
            PilotPlan plan = pilot.plan(id, width);
            if (!plan.isPossible() || plan.growth() > MOST_GROWTH) {
                continue;
            }
            int needed = (int) plan.needed(records);
            Finding got = finding(Audit.of(pair.draw(needed, needed, random), pair.options()), id);
            if (got.stands()) {
                for (double room : ROOM) {
                    figures.put(
                            "plan, " + id + ", at most " + room + " times the width",
                            new Figure(0, Double.NaN, room * width, got.upper() - got.lower(), true));
                }
            }
        }
    }
}
