#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Phrase {
  /// What the system says of an error, by its number.
  init(errno number: Int32) {
    let english = String(cString: strerror(number))
    let french: String? =
      switch number {
      case ENOENT: "ce fichier n'existe pas"
      case EACCES, EPERM: "accès refusé"
      case EISDIR: "c'est un dossier"
      case ENOTDIR: "une partie du chemin n'est pas un dossier"
      case EEXIST: "ce fichier existe déjà"
      case ENOSPC: "le disque est plein"
      case EROFS: "le disque est en lecture seule"
      case EFBIG: "le fichier serait trop grand"
      case EMFILE, ENFILE: "trop de fichiers ouverts"
      case ELOOP: "trop de liens"
      case ENAMETOOLONG: "le nom est trop long"
      case EBADF: "flux fermé"
      case EIO: "erreur d'entrée ou de sortie"
      case ETIMEDOUT: "rien n'est venu à temps"
      default: nil
      }
    self.init(french ?? english, english)
  }
}
