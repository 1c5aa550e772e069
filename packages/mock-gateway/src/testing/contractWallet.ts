import type { Hex, TypedDataDefinition } from 'viem'
import {
  concat,
  getContractAddress,
  hashMessage,
  hashTypedData,
  serializeErc6492Signature,
  zeroHash,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** Deploys the code after the salt, at an address made of both. Every EVM chain has it there, anvil too. */
export const CREATE2_FACTORY: Hex = '0x4e59b44847b379578588920cA78FbF26c0B4956C'

/** A contract wallet of one key: its signatures are the key's after a zero byte, so that nobody takes them for a key's. */
export function contractWallet() {
  const owner = privateKeyToAccount(generatePrivateKey())
  const bytecode = initCode(runtimeOf(owner.address))
  const address = getContractAddress({
    opcode: 'CREATE2',
    from: CREATE2_FACTORY,
    salt: zeroHash,
    bytecode,
  })
  const deployment = { to: CREATE2_FACTORY, data: concat([zeroHash, bytecode]) }
  const signature = async (hash: Hex) => concat(['0x00', await owner.sign({ hash })])
  const accountBy = (wrap: (signature: Hex) => Hex) => ({
    address,
    signTypedData: async (typedData: object) =>
      wrap(await signature(hashTypedData(typedData as TypedDataDefinition))),
    signMessage: async ({ message }: { message: string }) =>
      wrap(await signature(hashMessage(message))),
  })
  return {
    address,
    deployment,
    /** Once it is deployed (ERC-1271). */
    deployed: accountBy((plain) => plain),
    /** Before it is (ERC-6492). */
    counterfactual: accountBy((plain) =>
      serializeErc6492Signature({
        address: CREATE2_FACTORY,
        data: deployment.data,
        signature: plain,
      }),
    ),
  }
}

// isValidSignature: the magic value where ecrecover finds the owner, zero where it does not.
function runtimeOf(owner: Hex): Hex {
  return concat([
    '0x600435600052', // hash
    '0x60863560ff16602052', // v, the last byte
    '0x606535604052', // r, past the zero byte
    '0x608535606052', // s
    '0x602060806080600060015afa50', // ecrecover
    '0x60805173',
    owner,
    '0x14',
    '0x631626ba7e60e01b0260005260206000f3',
  ])
}

/** Code that returns the code after it. */
function initCode(runtime: Hex): Hex {
  const length = ((runtime.length - 2) / 2).toString(16).padStart(2, '0')
  return concat([`0x60${length}80600b6000396000f3`, runtime])
}
