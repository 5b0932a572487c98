package dev.credence.methods;

import dev.credence.core.provenance.InputException;
import java.util.random.RandomGenerator;

/** In the place of a generator where expectations are to be enumerated: whoever draws from it is refused. */
final class NoDraws implements RandomGenerator {
    private final String method;

    private NoDraws(String method) {
        this.method = method;
    }

    /**
     * For a method that has no setting to enumerate its expectations.
     *
     * @param method which draws nothing, or is refused at its first draw
     * @return in the place of its generator
     * @throws InputException if it has generators of its own
     */
    static NoDraws of(Conditioner method) {
        NoDraws none = new NoDraws(method.card().name());
        if (!Methods.isEnumerated(method)) {
            throw none.refusal();
        }
        return none;
    }

    @Override
    public long nextLong() {
        throw refusal();
    }

    private InputException refusal() {
        return InputException.ofSetting(
                Methods.POPULATION, "true", method + " draws, and has no way to enumerate its expectations");
    }
}
