package dev.credence.lab.experiments;

import dev.credence.core.diagnostics.Typicality;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Inference;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import dev.credence.worlds.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A world whose texts a model is tuned on: the prior, and data sets that differ from it in where their records come from
 * (docs/theory.md#typical-texts). Exact: each data set is a distribution of texts, prompt by prompt.
 */
final class TuningWorld {
    /** The prior's own texts. */
    static final String SAME = "same";

    /** A text's words that can change places do, at random. */
    static final String REORDERED = "reordered";

    /** The same words, sorted: the text whose order says nothing becomes one whose order is always the same. */
    static final String SORTED = "sorted";

    /** What a model writes. */
    static final String SELF_GENERATED = "selfgenerated";

    static final String SELECTED = "selected";
    static final String OTHER_CAMERA = "othercamera";

    /** What an experiment asks for without being told: each of them need not be in a user's world. */
    static final List<String> STANDARD = List.of(SAME, SELECTED, SELF_GENERATED, REORDERED, OTHER_CAMERA, SORTED);

    private static final double ROUNDING = 1e-12;

    private final TableModel prior;
    private final Provenance.Input input;
    private final @Nullable Network network;
    private final @Nullable Projection projection;
    private final Typicality typicality;

    private TuningWorld(
            TableModel prior, Provenance.Input input, @Nullable Network network, @Nullable Projection texts) {
        this.prior = prior;
        this.input = input;
        this.network = network;
        this.projection = texts;
        this.typicality = Typicality.of(prior);
    }

    /**
     * Reads it.
     *
     * @param name a file, or a world that ships
     * @throws InputException if there is none, it breaks a rule, or its texts are too many to write down
     */
    static TuningWorld read(String name) {
        Optional<NetworkInput> network = NetworkInput.read(name);
        if (network.isPresent()) {
            Projection texts = Projection.ofTexts(network.get().network(), List.of());
            return new TuningWorld(
                    texts.world().prior(), network.get().input(), network.get().network(), texts);
        }
        WorldInput table = WorldInput.read(name);
        return new TuningWorld(table.world().prior(), table.input(), null, null);
    }

    Provenance.Input input() {
        return input;
    }

    Typicality typicality() {
        return typicality;
    }

    /**
     * A data set: records have the world's prompts, each as often as in the world.
     *
     * @param name of it
     * @param population the network of its population; null where it is made of the prior's texts
     * @param atoms its texts, of all prompts
     */
    record Data(String name, @Nullable Network population, List<Atom> atoms) {
        /** {@return KL(data‖prior), nats; rounding is 0, ∞ where the prior excludes some of its texts} */
        double kl() {
            double sum = 0;
            for (Atom atom : atoms) {
                sum += atom.mass > 0 ? atom.mass * (Math.log(atom.mass / atom.share) + atom.surprise) : 0;
            }
            return Math.abs(sum) < ROUNDING ? 0 : sum;
        }

        /** {@return mean of −log π0, nats} */
        double surprise() {
            double sum = 0;
            for (Atom atom : atoms) {
                sum += atom.mass > 0 ? atom.mass * atom.surprise : 0;
            }
            return sum;
        }

        /** {@return mean of −log π0 − H, each prompt's own H, nats; rounding is 0} */
        double excess() {
            double sum = 0;
            for (Atom atom : atoms) {
                sum += atom.mass > 0 ? atom.mass * atom.excess : 0;
            }
            return Math.abs(sum) < ROUNDING ? 0 : sum;
        }

        /** {@return standard deviation of one record's −log π0 − H, nats, of the texts that the prior can write} */
        double deviation() {
            double mass = 0;
            double mean = 0;
            double square = 0;
            for (Atom atom : atoms) {
                if (atom.mass > 0 && atom.surprise < Double.POSITIVE_INFINITY) {
                    mass += atom.mass;
                    mean += atom.mass * atom.excess;
                    square += atom.mass * atom.excess * atom.excess;
                }
            }
            return mass > 0 ? Math.sqrt(Math.max(0, square / mass - mean * mean / mass / mass)) : 0;
        }

        boolean isWithinPrior() {
            return atoms.stream().noneMatch(atom -> atom.mass > 0 && atom.surprise == Double.POSITIVE_INFINITY);
        }
    }

    /**
     * A text of a data set.
     *
     * @param prompt its prompt
     * @param text the text; empty for all that the prior excludes
     * @param share of its prompt among all records
     * @param mass its share of all records, prompts together
     * @param surprise −log π0 of it given its prompt, nats
     * @param excess the same above the prompt's entropy
     */
    record Atom(String prompt, String text, double share, double mass, double surprise, double excess) {}

    /**
     * A data set by name: made of the prior's texts, or a population of the world.
     *
     * @param name as a user writes it
     * @param temperature of the model whose outputs they are, where the world has no population of that name
     * @return the data; none where the world lacks what a standard one is made of
     * @throws InputException if there is no population of another name
     */
    Optional<Data> data(String name, double temperature) {
        if (name.equals(SAME)) {
            return Optional.of(of(name, null, prior));
        }
        if (network != null && network.populations().contains(name)) {
            Network population = network.given(List.of(name));
            return Optional.of(of(
                    name,
                    population,
                    Projection.ofTexts(population, List.of()).world().prior()));
        }
        if (name.equals(SELF_GENERATED)) {
            return Optional.of(of(name, null, prior.map((prompt, texts) -> sharpened(texts, temperature))));
        }
        if (name.equals(REORDERED) || name.equals(SORTED)) {
            return rearranged(name);
        }
        if (STANDARD.contains(name)) {
            return Optional.empty();
        }
        Set<String> known = new LinkedHashSet<>(STANDARD);
        if (network != null) {
            known.addAll(network.populations());
        }
        throw InputException.ofSetting(
                "data",
                name,
                "it is a population of the world, or made of its texts; " + NearestName.hint(name, known));
    }

    private static Distribution sharpened(Distribution texts, double temperature) {
        double[] logs = texts.logProbabilities();
        for (int i = 0; i < logs.length; i++) {
            logs[i] /= temperature;
        }
        return Distribution.ofLogWeights(texts.outcomes(), logs);
    }

    private Data of(String name, @Nullable Network population, TableModel data) {
        List<Atom> atoms = new ArrayList<>();
        for (String prompt : prior.prompts()) {
            Distribution texts = data.given(prompt);
            double[] masses = new double[prior.given(prompt).size()];
            for (int i = 0; i < masses.length; i++) {
                masses[i] = texts.probability(prior.given(prompt).outcome(i));
            }
            add(prompt, masses, 0, atoms);
        }
        return new Data(name, population, atoms);
    }

    private void add(String prompt, double[] masses, double outside, List<Atom> atoms) {
        Distribution own = prior.given(prompt);
        double share = prior.weight(prompt);
        double entropy = own.entropy();
        for (int i = 0; i < masses.length; i++) {
            if (masses[i] > 0) {
                double surprise = -own.logProbability(i);
                atoms.add(new Atom(prompt, own.outcome(i), share, share * masses[i], surprise, surprise - entropy));
            }
        }
        if (outside > 0) {
            double infinite = Double.POSITIVE_INFINITY;
            atoms.add(new Atom(prompt, "", share, share * outside, infinite, infinite));
        }
    }

    /** Words at places where the same words can stand change places; none where there are no such places. */
    private Optional<Data> rearranged(String name) {
        List<Atom> atoms = new ArrayList<>();
        boolean any = false;
        for (String prompt : prior.prompts()) {
            Distribution own = prior.given(prompt);
            WordPlaces places = WordPlaces.of(own);
            any |= places.canChange();
            double[] masses = new double[own.size()];
            double outside = 0;
            if (name.equals(SORTED)) {
                for (int i = 0; i < masses.length; i++) {
                    int sorted = own.indexOf(places.sorted(own.outcome(i)));
                    if (sorted >= 0 && own.probability(sorted) > 0) {
                        masses[sorted] += own.probability(i);
                    } else {
                        outside += own.probability(i);
                    }
                }
            } else {
                outside = shuffled(own, places, masses);
            }
            add(prompt, masses, outside, atoms);
        }
        return any ? Optional.of(new Data(name, null, atoms)) : Optional.empty();
    }

    /** Texts of the same words share their mass equally among all their orders; returned is that of orders the prior excludes. */
    private static double shuffled(Distribution own, WordPlaces places, double[] masses) {
        Map<String, List<Integer>> alike = new LinkedHashMap<>();
        for (int i = 0; i < masses.length; i++) {
            if (own.probability(i) > 0) {
                alike.computeIfAbsent(places.sorted(own.outcome(i)), key -> new ArrayList<>())
                        .add(i);
            }
        }
        double outside = 0;
        for (Map.Entry<String, List<Integer>> each : alike.entrySet()) {
            double mass = each.getValue().stream().mapToDouble(own::probability).sum();
            double orders = places.orders(each.getKey());
            each.getValue().forEach(i -> masses[i] = mass / orders);
            double lost = orders - each.getValue().size();
            outside += lost > 0 ? mass * lost / orders : 0;
        }
        return outside;
    }

    /** {@return the hidden variables, by name; none for a table} */
    List<String> hidden() {
        return network == null
                ? List.of()
                : network.variables().stream()
                        .filter(Variable::isHidden)
                        .map(Variable::name)
                        .toList();
    }

    /**
     * What is believed of a hidden variable by whom knows which population the data is of; data made of the prior's texts is
     * read text by text.
     *
     * @param data of a network
     * @param variable hidden
     * @return value to probability; none where the prior excludes some of the texts
     */
    Optional<Map<String, Double>> belief(Data data, String variable) {
        Network population = data.population;
        if (population == null) {
            return reading(data, variable);
        }
        return Optional.of(mean(prompt -> population.prior(prompt), variable));
    }

    /**
     * What the prior believes of a hidden variable behind each text, averaged over the data: Σ_x q(x) π0(h | x).
     *
     * @param data of a network
     * @param variable hidden
     * @return value to probability; none where the prior excludes some of the texts
     */
    Optional<Map<String, Double>> reading(Data data, String variable) {
        Projection texts = projection;
        if (texts == null || !data.isWithinPrior()) {
            return Optional.empty();
        }
        Map<String, Map<String, Double>> logRatio = new LinkedHashMap<>();
        data.atoms.forEach(atom -> logRatio.computeIfAbsent(atom.prompt, prompt -> new LinkedHashMap<>())
                .put(atom.text, Math.log(atom.mass / atom.share) + atom.surprise));
        return Optional.of(mean(
                prompt -> texts.given(
                        prompt,
                        text -> logRatio.getOrDefault(prompt, Map.of()).getOrDefault(text, Double.NEGATIVE_INFINITY)),
                variable));
    }

    private interface Beliefs {
        Inference behind(String prompt);
    }

    private Map<String, Double> mean(Beliefs beliefs, String variable) {
        Map<String, Double> mean = new LinkedHashMap<>();
        for (String prompt : prior.prompts()) {
            beliefs.behind(prompt)
                    .marginal(List.of(variable))
                    .forEach((value, p) -> mean.merge(value, prior.weight(prompt) * p, Double::sum));
        }
        return mean;
    }
}
