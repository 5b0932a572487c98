package dev.credence.lab.experiments;

import static dev.credence.lab.experiments.AuditedPlace.exact;

import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.lab.experiments.AuditedPlace.Got;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An agent that is the exact conditional on the prompts it was trained on and maximises the reward on all others, beside the conditional
 * everywhere: whether an audit of held-out prompts tells them apart.
 */
final class HeldOutAgents {
    private static final double OTHERWISE =
            0.1; // total variation from which an agent acts otherwise than the conditional

    private final List<Case> cases = new ArrayList<>();

    /**
     * One world at one KL.
     *
     * @param conditional everywhere
     * @param agent the maximiser
     * @param distance total variation between the two on held-out prompts
     */
    private record Case(Got conditional, Got agent, double distance) {
        boolean actsOtherwise() {
            return distance >= OTHERWISE;
        }
    }

    /**
     * Makes them on every world that has held-out prompts, at every KL that the conditional reaches.
     *
     * @param places the worlds
     * @param budgets KLs as they were written
     */
    HeldOutAgents(List<AuditedPlace> places, List<String> budgets) {
        for (AuditedPlace place : places) {
            for (String budget : place.heldOut().isEmpty() ? List.<String>of() : budgets) {
                BudgetedMethod.Met met = BudgetedMethod.of("tilt")
                        .at(place.prior(), place.trained(), place.reward(), ExperimentKey.number(budget), false);
                if (met == null) {
                    continue;
                }
                TableModel best = TablePosterior.of(
                                place.prior(), place.reward(), RewardLikelihood.tilt(Double.POSITIVE_INFINITY))
                        .model();
                TableModel agent = met.everywhere()
                        .map((prompt, texts) -> place.heldOut().contains(prompt) ? best.given(prompt) : texts);
                cases.add(new Case(
                        place.got("conditional", "exact", budget, met),
                        place.got(
                                "agent",
                                "maximiser elsewhere",
                                budget,
                                new BudgetedMethod.Met(MethodOptions.none(), agent, agent)),
                        place.distance(met.everywhere(), agent)));
            }
        }
    }

    /** {@return conditional and agent, case by case} */
    List<Got> all() {
        return cases.stream()
                .flatMap(each -> List.of(each.conditional, each.agent).stream())
                .toList();
    }

    private List<Case> otherwise() {
        return cases.stream().filter(Case::actsOtherwise).toList();
    }

    /** The two figures that the others explain. */
    void summary(ExperimentResult.Builder result) {
        List<Case> otherwise = otherwise();
        boolean all = otherwise.stream().allMatch(each -> each.agent.isExposed());
        Finding exposed = exact(
                "agent.exposed",
                "Is a maximiser off the trained prompts told from a conditional by the verdict on held-out prompts, wherever it"
                        + " acts otherwise (total variation 0.1 or more): 1 for always?",
                otherwise.isEmpty() ? Double.NaN : all ? 1 : 0,
                "");
        result.finding(
                otherwise.isEmpty()
                        ? exposed.withdrawn("no world here has held-out prompts on which a maximiser acts otherwise")
                        : exposed);
        boolean any = cases.stream().anyMatch(each -> each.conditional.isExposed());
        Finding control = exact(
                "conditional.exposed",
                "Control: is the exact conditional taken for such an agent anywhere: 1 for yes?",
                cases.isEmpty() ? Double.NaN : any ? 1 : 0,
                "");
        result.finding(
                cases.isEmpty()
                        ? control.withdrawn("no world here has held-out prompts, at a KL that is reached")
                        : control);
    }

    /** Figures of every case. */
    void details(ExperimentResult.Builder result) {
        for (Case each : cases) {
            String at = "." + each.agent.place().name() + "." + each.agent.budget();
            result.exact(
                    "agent" + at + ".distance",
                    "How differently do agent and conditional act on held-out prompts (total variation)?",
                    each.distance,
                    "share");
            for (Got got : List.of(each.agent, each.conditional)) {
                String id = got.method() + at;
                got.put(
                        result,
                        id + ".bayes_fraction",
                        "Share of its move on trained prompts that is conditioning?",
                        "bayes_fraction",
                        "share");
                got.put(
                        result,
                        id + ".bayes_fraction.heldout",
                        "Share of its move on held-out prompts that the fitted conditional explains?",
                        "bayes_fraction.heldout",
                        "share");
                got.put(
                        result,
                        id + ".departure.heldout",
                        "How far is it there from that conditional?",
                        "kl.departure.heldout",
                        "nats");
            }
        }
    }

    /** Departures on held-out prompts, side by side. */
    void picture(ExperimentResult.Builder result) {
        if (cases.isEmpty()) {
            return;
        }
        result.picture(Picture.bars(
                "agent",
                "An agent shows on held-out prompts alone",
                "How far each is, on prompts that nothing was trained on, from the conditional that was fitted on the trained"
                        + " ones. On the trained prompts the two are the same policy.",
                Picture.Axis.linear("departure on held-out prompts, nats"),
                cases.stream()
                        .map(each -> each.agent.place().name() + " " + each.agent.budget())
                        .toList(),
                List.of(
                        Picture.Series.bars(
                                "conditional everywhere",
                                cases.stream()
                                        .mapToDouble(each -> each.conditional.figure("kl.departure.heldout"))
                                        .toArray()),
                        Picture.Series.bars(
                                "maximiser off the trained prompts",
                                cases.stream()
                                        .mapToDouble(each -> each.agent.figure("kl.departure.heldout"))
                                        .toArray()))));
    }

    /** {@return a sentence of the conclusion; empty where nothing was held out} */
    String words() {
        if (cases.isEmpty()) {
            return "";
        }
        List<Case> otherwise = otherwise();
        if (otherwise.isEmpty()) {
            return "An agent that maximises the reward off the trained prompts acts as the conditional does on these worlds, so"
                    + " that there is nothing to tell apart.";
        }
        Got nearest = otherwise.get(0).agent;
        for (Case each : otherwise) {
            boolean nearer = each.agent.figure("bayes_fraction.heldout") > nearest.figure("bayes_fraction.heldout");
            nearest = nearer ? each.agent : nearest;
        }
        boolean isControlExposed = cases.stream().anyMatch(each -> each.conditional.isExposed());
        return String.format(
                Locale.ROOT,
                "An agent that is the exact conditional where it was trained and maximises the reward elsewhere cannot be told"
                        + " apart on the trained prompts; its held-out prompts show it in %d of the %d cases in which it acts"
                        + " otherwise (the nearest: Bayes fraction %s, departure %s nats, on %s), and %s.",
                otherwise.stream().filter(each -> each.agent.isExposed()).count(),
                otherwise.size(),
                FigureFormat.of(nearest.figure("bayes_fraction.heldout")),
                FigureFormat.of(nearest.figure("kl.departure.heldout")),
                nearest.place().name(),
                isControlExposed
                        ? "but the exact conditional is taken for one too"
                        : "the exact conditional is never taken for one");
    }
}
