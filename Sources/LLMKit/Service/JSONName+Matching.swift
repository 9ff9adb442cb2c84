import SessionCore

// SessionCore has these too. They stand here again because a call from another module is not put in
// place: most names differ in their length already, and an event of a streamed answer is asked for
// 30 of them (`sse.2000.last` of the benchmarks: 10 % of its time).
extension JSONName {
  @inline(__always)
  static func == (name: JSONName, wanted: StaticString) -> Bool { wanted ~= name }

  @inline(__always)
  static func ~= (wanted: StaticString, name: JSONName) -> Bool {
    name.byteCount == wanted.utf8CodeUnitCount && name.hasBytes(of: wanted)
  }
}
