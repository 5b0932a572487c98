package dev.credence.core.audit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One rival conditional: the tilt family of one reward, at the member nearest to the policy.
 * A number is NaN where a gate withdraws the figure of that name in an audit of this reward.
 *
 * @param name the reward's name
 * @param copies the moment-matching λ
 * @param departure KL(π‖π*_λ) in nats, the family's best
 * @param bayesFraction share of KL(π‖π0) that the family explains
 * @param samplesToSeparate policy records that tell it from the best candidate; infinite for the best itself
 * @param gates names of the gates that withdraw a number of it, in the order in which an audit of this reward tries them
 */
public record Candidate(
        String name,
        double copies,
        double departure,
        double bayesFraction,
        double samplesToSeparate,
        List<String> gates) {
    private static final int MOST_NAMED = 6; // in a sentence; the table has all
    private static final List<Figure> FIGURES =
            List.of(Figure.MOMENT_MATCH, Figure.KL_DEPARTURE, Figure.BAYES_FRACTION);

    /**
     * Copies the list.
     *
     * @param name as above
     * @param copies as above
     * @param departure as above
     * @param bayesFraction as above
     * @param samplesToSeparate as above
     * @param gates as above
     */
    public Candidate {
        gates = List.copyOf(gates);
    }

    /**
     * A candidate of which no gate withdraws a number.
     *
     * @param name as above
     * @param copies as above
     * @param departure as above
     * @param bayesFraction as above
     * @param samplesToSeparate as above
     */
    public Candidate(String name, double copies, double departure, double bayesFraction, double samplesToSeparate) {
        this(name, copies, departure, bayesFraction, samplesToSeparate, List.of());
    }

    /** The same with this separation from the best. */
    Candidate separated(double records) {
        return new Candidate(name, copies, departure, bayesFraction, records, gates);
    }

    /** The same without the numbers that the gates of an audit of this reward withdraw. */
    Candidate standing(Evaluation own) {
        if (own.sources() == Sources.EXACT) {
            return this;
        }
        List<String> by = own.gates().stream()
                .filter(gate ->
                        FIGURES.stream().anyMatch(figure -> gate.withdraws().contains(figure.id())))
                .map(Gate::id)
                .toList();
        return new Candidate(
                name,
                own.get(Figure.MOMENT_MATCH).stands() ? copies : Double.NaN,
                own.get(Figure.KL_DEPARTURE).stands() ? departure : Double.NaN,
                own.get(Figure.BAYES_FRACTION).stands() ? bayesFraction : Double.NaN,
                samplesToSeparate,
                by);
    }

    /**
     * Which gates withdraw numbers of which rivals, in a sentence; those of the same gates are named together.
     *
     * @param candidates all of them
     * @return the sentence, empty where no number is withdrawn
     */
    public static String withdrawals(List<Candidate> candidates) {
        Map<List<String>, List<Candidate>> byGates = candidates.stream()
                .filter(candidate -> candidate.lacksNumber())
                .collect(Collectors.groupingBy(Candidate::gates, LinkedHashMap::new, Collectors.toList()));
        return byGates.isEmpty()
                ? ""
                : byGates.entrySet().stream()
                        .map(each -> named(each.getValue())
                                + (each.getKey().isEmpty()
                                        ? " (its figures cannot be had from these records)"
                                        : " (" + String.join(", ", each.getKey()) + ")"))
                        .collect(Collectors.joining(
                                "; ", "Numbers that gates of an audit of that reward withdraw: ", "."));
    }

    private static String named(List<Candidate> some) {
        String names = some.stream()
                .limit(MOST_NAMED)
                .map(candidate -> Words.quoted(candidate.name()))
                .collect(Collectors.joining(", "));
        return some.size() <= MOST_NAMED ? names : names + " and " + (some.size() - MOST_NAMED) + " others";
    }

    private boolean lacksNumber() {
        return !gates.isEmpty() || Double.isNaN(copies) || Double.isNaN(departure) || Double.isNaN(bayesFraction);
    }
}
