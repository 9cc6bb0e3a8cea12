package io.caskade.bitcask.store;

import io.caskade.bitcask.DamagedLogException;
import java.io.IOException;

/// Is told of a record that is damaged.
@FunctionalInterface
public interface OnDamage {
    /// A scan that refuses damage.
    OnDamage REFUSE = damage -> {
        throw damage;
    };

    /// Goes on without the record, or throws.
    void accept(DamagedLogException damage) throws IOException;
}
