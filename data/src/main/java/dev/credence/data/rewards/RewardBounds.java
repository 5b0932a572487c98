package dev.credence.data.rewards;

import dev.credence.core.automaton.PrefixBounds;
import dev.credence.core.automaton.ValueBounds;
import java.util.List;

/** What the first tokens of a completion say of its reward. Any number of threads may ask. */
public final class RewardBounds implements PrefixBounds {
    private final PrefixBounds bounds;
    private final List<String> unfollowed;

    RewardBounds(PrefixBounds bounds, List<String> unfollowed) {
        this.bounds = bounds;
        this.unfollowed = unfollowed;
    }

    @Override
    public ValueBounds of(int[] tokens, int length) {
        return bounds.of(tokens, length);
    }

    /** {@return the terms that no automaton follows, each with the reason; of these only what always holds is known} */
    public List<String> unfollowed() {
        return unfollowed;
    }
}
