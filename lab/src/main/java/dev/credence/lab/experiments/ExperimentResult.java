package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.Provenance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of an experiment.
 *
 * @param findings by id; exact ones have their estimate as both ends
 * @param tables by name
 * @param pictures in the order they are shown
 * @param conclusion what follows from the figures: the strongest one with its interval, and what would have refuted it;
 *     its lines are {@link dev.credence.core.figures.TextBlock}s
 * @param cannotShow what figures such as these leave open
 * @param inputs files that were read
 * @param further fields of the document beside these, by name
 * @param isMet whether what the settings demand of the figures is so
 */
public record ExperimentResult(
        Map<String, Finding> findings,
        Map<String, DataTable> tables,
        List<Picture> pictures,
        String conclusion,
        String cannotShow,
        List<Provenance.Input> inputs,
        Map<String, @Nullable Object> further,
        boolean isMet) {
    /**
     * Copies what it is given.
     *
     * @param findings as above
     * @param tables as above
     * @param pictures as above
     * @param conclusion as above
     * @param cannotShow as above
     * @param inputs as above
     * @param further as above
     * @param isMet as above
     */
    public ExperimentResult {
        findings = Collections.unmodifiableMap(new LinkedHashMap<>(findings));
        tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
        pictures = List.copyOf(pictures);
        inputs = List.copyOf(inputs);
        further = Collections.unmodifiableMap(new LinkedHashMap<>(further));
    }

    /** {@return to be filled} */
    public static Builder builder() {
        return new Builder();
    }

    /** Figures as they come. */
    public static final class Builder {
        private static final double ROUNDING = 1e-12;

        private final Map<String, Finding> findings = new LinkedHashMap<>();
        private final Map<String, DataTable> tables = new LinkedHashMap<>();
        private final List<Picture> pictures = new ArrayList<>();
        private final List<Provenance.Input> inputs = new ArrayList<>();
        private final Map<String, @Nullable Object> further = new LinkedHashMap<>();
        private boolean isMet = true;

        private Builder() {}

        /**
         * An exact figure; one that is no number at these settings is withdrawn.
         *
         * @param id its name
         * @param question what it answers
         * @param value its value
         * @param unit such as nats, or empty
         * @return this
         */
        public Builder exact(String id, String question, double value, String unit) {
            return exact(id, question, value, unit, "at these settings it is 0/0");
        }

        /**
         * An exact figure that is no number at some settings.
         *
         * @param id its name
         * @param question what it answers
         * @param value its value; NaN is withdrawn
         * @param unit such as nats, or empty
         * @param undefined why it is no number there
         * @return this
         */
        public Builder exact(String id, String question, double value, String unit, String undefined) {
            Finding exact = new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
            return finding(Double.isNaN(value) ? exact.withdrawn(undefined) : exact);
        }

        /**
         * A figure over seeds or draws. Where all of these agree and nothing bounds the figure, it has no width and says so.
         *
         * @param id its name
         * @param question what it answers
         * @param interval of it
         * @param unit such as nats, or empty
         * @return this
         */
        public Builder estimated(String id, String question, SeedInterval interval, String unit) {
            double lower = Math.min(interval.lower(), interval.mean());
            double upper = Math.max(interval.upper(), interval.mean());
            boolean agree = upper - lower <= ROUNDING * Math.abs(interval.mean()); // no width comes of runs alone
            String how = agree ? "all runs agree, which does not say that others would" : "95 %";
            return finding(new Finding(
                    id,
                    question,
                    agree ? interval.mean() : lower,
                    interval.mean(),
                    agree ? interval.mean() : upper,
                    Grade.ESTIMATED,
                    unit,
                    how,
                    null));
        }

        /**
         * A figure.
         *
         * @param finding with its id
         * @return this
         */
        public Builder finding(Finding finding) {
            findings.put(finding.id(), finding);
            return this;
        }

        /**
         * A table.
         *
         * @param name of it, and of its CSV file
         * @param table its rows
         * @return this
         */
        public Builder table(String name, DataTable table) {
            tables.put(name, table);
            return this;
        }

        /**
         * A picture.
         *
         * @param picture what is drawn
         * @return this
         */
        public Builder picture(Picture picture) {
            pictures.add(picture);
            return this;
        }

        /**
         * Files that were read.
         *
         * @param read with hashes
         * @return this
         */
        public Builder inputs(List<Provenance.Input> read) {
            inputs.addAll(read);
            return this;
        }

        /**
         * A field of the document beside those that all have.
         *
         * @param name of it
         * @param value maps, lists, texts, numbers
         * @return this
         */
        public Builder further(String name, @Nullable Object value) {
            further.put(name, value);
            return this;
        }

        /**
         * Says whether what the settings demand is so.
         *
         * @param met whether it is
         * @return this
         */
        public Builder met(boolean met) {
            isMet = met;
            return this;
        }

        /**
         * An estimate so far, for the conclusion.
         *
         * @param id of the finding
         * @return its estimate
         * @throws IllegalArgumentException if there is none
         */
        public double estimate(String id) {
            return figure(id).estimate();
        }

        /**
         * A figure so far with its interval, for the conclusion.
         *
         * @param id of the finding
         * @return the finding
         * @throws IllegalArgumentException if there is none
         */
        public Finding figure(String id) {
            Finding finding = findings.get(id);
            if (finding == null) {
                throw new IllegalArgumentException("id is " + id + "; it must be one of " + findings.keySet());
            }
            return finding;
        }

        /**
         * Whether a figure so far is more than a withdrawn one.
         *
         * @param id of the finding
         * @return whether it is there and stands
         */
        public boolean stands(String id) {
            Finding finding = findings.get(id);
            return finding != null && finding.stands();
        }

        /**
         * Ends it.
         *
         * @param conclusion what follows from the figures
         * @param cannotShow what they leave open
         * @return the result
         */
        public ExperimentResult conclude(String conclusion, String cannotShow) {
            return conclude(conclusion, "", cannotShow);
        }

        /**
         * Ends it.
         *
         * @param exact what follows from the figures of the world
         * @param onTransformers what follows from those of transformers, a paragraph of its own; empty for none
         * @param cannotShow what they leave open
         * @return the result
         */
        public ExperimentResult conclude(String exact, String onTransformers, String cannotShow) {
            String more = onTransformers.strip();
            String conclusion = exact.strip() + (exact.isBlank() || more.isEmpty() ? "" : "\n") + more;
            return new ExperimentResult(findings, tables, pictures, conclusion, cannotShow, inputs, further, isMet);
        }
    }
}
