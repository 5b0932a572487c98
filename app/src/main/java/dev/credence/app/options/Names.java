package dev.credence.app.options;

import dev.credence.core.audit.Finding;
import dev.credence.data.rollouts.LogFormat;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.Experiments;
import dev.credence.methods.Methods;
import dev.credence.worlds.TableWorlds;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** The names there are, for the scripts that complete a command in a shell. */
public final class Names {
    /** What an audit gives beside the figures that every log has an interval of. */
    private static final List<String> FURTHER = List.of(
            "kl.departure.least",
            "kl.departure.heldout",
            "bayes_fraction.heldout",
            "kl.policy_prior.sampled",
            "ess.prior",
            "ess.mm",
            "ess.asked",
            "khat.mm",
            "khat.asked",
            "unseen.mm",
            "unseen.asked",
            "diversity.distinct_1.prior",
            "diversity.distinct_1.policy",
            "diversity.distinct_2.prior",
            "diversity.distinct_2.policy",
            "diversity.self_bleu.prior",
            "diversity.self_bleu.policy",
            "diversity.vendi.prior",
            "diversity.vendi.policy");

    private Names() {}

    private static Stream<String> figures() {
        return Stream.concat(Finding.ids().stream(), FURTHER.stream());
    }

    /** Of methods. */
    public static final class OfMethods implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfMethods() {}

        @Override
        public Iterator<String> iterator() {
            return Methods.all().stream().map(method -> method.card().name()).iterator();
        }
    }

    /** Of experiments, and all of them. */
    public static final class OfExperiments implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfExperiments() {}

        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Experiments.all().stream().map(Experiment::name), Stream.of("all"))
                    .iterator();
        }
    }

    /** Of the worlds that ship. */
    public static final class OfWorlds implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfWorlds() {}

        @Override
        public Iterator<String> iterator() {
            return TableWorlds.builtIn().iterator();
        }
    }

    /** Of other tools whose dumps are read. */
    public static final class OfFormats implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfFormats() {}

        @Override
        public Iterator<String> iterator() {
            return Stream.of(LogFormat.values()).map(LogFormat::key).iterator();
        }
    }

    /** Of the figures of an audit. */
    public static final class OfFigures implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfFigures() {}

        @Override
        public Iterator<String> iterator() {
            return figures().iterator();
        }
    }

    /** Of the figures of an audit, ready for a limit. */
    public static final class OfLimits implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfLimits() {}

        @Override
        public Iterator<String> iterator() {
            return figures().map(id -> id + "=").iterator();
        }
    }

    /** Of shells that a script completes. */
    public static final class OfShells implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfShells() {}

        @Override
        public Iterator<String> iterator() {
            return List.of("bash", "zsh").iterator();
        }
    }

    /** Of what a model computes in. */
    public static final class OfPrecisions implements Iterable<String> {
        /** For the parser, which makes one where it is asked for. */
        public OfPrecisions() {}

        @Override
        public Iterator<String> iterator() {
            return List.of("auto", "fp32", "bf16").iterator();
        }
    }
}
